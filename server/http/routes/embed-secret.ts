import { Hono } from 'hono'
import type { EmbedSecrets } from '../../embed-secrets.ts'
import type { AppEnv } from '../access.ts'
import { describe } from '../route.ts'
import { embedSecretSchema, revealedSecretSchema } from '../setup-schemas.ts'

export interface EmbedSecretDeps {
  readonly embedSecrets: EmbedSecrets
  readonly publicUrl: string
}

const admin = { tag: 'settings', access: 'admin' } as const
const PATH = '/api/settings/embed-secret'

/** `/api/settings/embed-secret`: by which a helpdesk signs who its agents are (EMBED-7). */
export function embedSecretRoutes({ embedSecrets, publicUrl }: EmbedSecretDeps) {
  const toView = () => {
    const { origin, madeAt, replaced } = embedSecrets.state()
    return {
      origin,
      madeAt: madeAt?.toISOString() ?? null,
      replaced: replaced.map((until) => ({ worksUntil: until.toISOString() })),
      serverUrl: publicUrl,
    }
  }

  return new Hono<AppEnv>()
    .get(
      PATH,
      describe({
        ...admin,
        summary: 'Where the embed secret comes from and how old it is, not the secret',
        answers: { 200: embedSecretSchema },
      }),
      (c) => c.json(toView()),
    )
    .post(
      `${PATH}/reveal`,
      describe({
        ...admin,
        summary: 'Show the embed secret',
        answers: { 200: revealedSecretSchema },
      }),
      (c) => c.json({ secret: embedSecrets.current().reveal() }),
    )
    .post(
      `${PATH}/rotate`,
      describe({
        ...admin,
        summary: 'Make a new embed secret; the old one counts for 24 hours more',
        answers: { 200: embedSecretSchema },
      }),
      async (c) => {
        await embedSecrets.rotate()
        return c.json(toView())
      },
    )
    .delete(
      `${PATH}/replaced`,
      describe({
        ...admin,
        summary: 'End at once the embed secrets that were replaced',
        answers: { 200: embedSecretSchema },
      }),
      async (c) => {
        await embedSecrets.endReplaced()
        return c.json(toView())
      },
    )
}
