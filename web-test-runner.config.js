/** Widget tests in a real Chromium: TypeScript by esbuild, and an event stream spoken over real HTTP. */
import { chromeLauncher } from '@web/test-runner-chrome'
import { transform } from 'esbuild'

export default {
  files: 'test/widget/*.test.ts',
  nodeResolve: true,
  // As root, Chromium has no sandbox to start in.
  browsers: [
    chromeLauncher({
      launchOptions: { args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] },
    }),
  ],
  testFramework: { config: { timeout: 10_000 } },
  plugins: [typescript()],
  middleware: [streams()],
}

function typescript() {
  return {
    name: 'typescript',
    resolveMimeType: (context) => (context.path.endsWith('.ts') ? 'js' : undefined),
    async transform(context) {
      if (!context.path.endsWith('.ts')) return undefined
      const { code } = await transform(String(context.body), { loader: 'ts', target: 'es2022' })
      return { body: code }
    },
  }
}

/** `/test-stream/NAME`: answers the requests of a test as its script says; `/test-stream/NAME/log`: what came in. */
function streams() {
  const scripts = new Map()
  return async (context, next) => {
    const [, root, name, part] = context.path.split('/')
    if (root !== 'test-stream') return next()
    if (context.method === 'POST') {
      scripts.set(name, { answers: JSON.parse(await text(context.req)), log: [] })
      context.body = 'OK'
      return
    }
    const script = scripts.get(name)
    if (part === 'log') {
      context.body = JSON.stringify(script.log)
      return
    }
    const { authorization, 'last-event-id': last } = context.headers
    script.log.push({ authorization, last })
    await answer(context, script.answers[script.log.length - 1] ?? script.answers.at(-1))
  }
}

/** One answer: a status, headers, pieces of text, and whether the line stays open afterwards. */
async function answer(
  context,
  { status = 200, type = 'text/event-stream', chunks = [], stay = false },
) {
  context.respond = false
  const { res } = context
  res.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  for (const chunk of chunks) {
    res.write(chunk)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  if (!stay) res.end()
}

async function text(request) {
  let all = ''
  for await (const chunk of request) all += chunk
  return all
}
