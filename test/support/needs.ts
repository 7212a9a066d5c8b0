import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** A program that the tests need and npm does not bring. */
interface Need {
  readonly name: string
  readonly debianPackage: string
  isThere(): boolean
}

const CHROMIUM: Need = {
  name: 'Chromium',
  debianPackage: 'chromium',
  isThere: () => chromiumPath() !== null,
}
const POSTGRESQL: Need = {
  name: 'PostgreSQL',
  debianPackage: 'postgresql',
  isThere: () => existsSync('/usr/lib/postgresql') || isOnPath('initdb'),
}

export const NEEDS = [CHROMIUM, POSTGRESQL] as const

/** The system's Chromium or Chrome. */
export function chromiumPath(): string | null {
  const places = [
    process.env.CHROME_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]
  return places.find((place) => place !== undefined && existsSync(place)) ?? null
}

/** Installs what is missing where this may be done (root on Debian); else says in one line what is. */
export function fetchNeeds(needs: readonly Need[]): void {
  const missing = needs.filter((need) => !need.isThere())
  if (missing.length === 0) return
  const packages = missing.map((need) => need.debianPackage)
  if (process.getuid?.() === 0 && isOnPath('apt-get')) {
    process.stderr.write(`installing ${packages.join(', ')} for the tests\n`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env })
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    })
  }
  const still = needs.filter((need) => !need.isThere())
  if (still.length === 0) return
  const names = still.map((need) => need.name).join(' and ')
  const how = `apt-get install ${still.map((need) => need.debianPackage).join(' ')}`
  throw new Error(
    `the tests need ${names}: install with "${how}" (or set CHROME_PATH, TEST_DATABASE_URL)`,
  )
}

function isOnPath(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0
}
