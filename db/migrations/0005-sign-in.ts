import { type Kysely, sql } from 'kysely'

/** Sign-ins without a key, which last as long as a tab, and what tells an admin one from another. */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

const STATEMENTS = [
  `alter table browser_keys
    alter column public_key drop not null,
    add column secret_hash text,
    add column origin text,
    add column user_agent text,
    add column used_at timestamptz,
    add constraint browser_keys_secret_hash_unique unique (secret_hash),
    add constraint browser_keys_one_way check ((public_key is null) <> (secret_hash is null))`,
  'create index browser_keys_revoked on browser_keys (revoked_at) where revoked_at is not null',
]
