/** `npm run test:uploads`: files that nobody should take in, and how much the server takes (SAFE-4). */
import { parseArgs } from 'node:util'
import { startFuzzServer } from './fuzz-server.ts'
import { attackUploads, killInTheMiddle, type UploadRow } from './uploads-run.ts'

const MIB = 1024 * 1024
const HELP = `npm run test:uploads -- [options]
  --huge-mb N        how large the largest bodies are (2048)
  --max-mb N         RECORDING_MAX_BYTES of the server (256)
  --parts N          parts in one request (10000)
  --drips N          clients that send a byte a second (50)
  --drip-seconds N   for how long (30)
  --kills N          kills in the middle of uploads (5)`

const { values } = parseArgs({
  options: {
    'huge-mb': { type: 'string', default: '2048' },
    'max-mb': { type: 'string', default: '256' },
    parts: { type: 'string', default: '10000' },
    drips: { type: 'string', default: '50' },
    'drip-seconds': { type: 'string', default: '30' },
    kills: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(`${HELP}\n`)
else process.exitCode = await main()

async function main(): Promise<number> {
  const maxBytes = Number(values['max-mb']) * MIB
  await using server = await startFuzzServer(null, { RECORDING_MAX_BYTES: String(maxBytes) })
  const rows = await attackUploads(server, {
    hugeBytes: Number(values['huge-mb']) * MIB,
    parts: Number(values.parts),
    drips: Number(values.drips),
    dripSeconds: Number(values['drip-seconds']),
    onRow: say,
  })
  const killed = await killInTheMiddle(server, Number(values.kills))
  const last = { name: 'killed in the middle', grownMb: 0, ...killed }
  say(last)
  const failed = [...rows, last].filter(({ failures }) => failures.length > 0).length
  const most = Math.max(...rows.map(({ grownMb }) => grownMb))
  process.stdout.write(
    `memory at most +${most.toFixed(0)} MiB (expected at most 64), ${failed} of ${rows.length + 1} attacks failed the server (expected 0)\n`,
  )
  return failed === 0 ? 0 : 1
}

function say({ name, said, grownMb, failures }: UploadRow): void {
  const verdict = failures.length === 0 ? '' : `  FAILED ${failures.join('; ')}`
  const grown = `+${grownMb.toFixed(0)} MiB`
  process.stdout.write(`${name.padEnd(42)} ${said.padEnd(24)} ${grown}${verdict}\n`)
}
