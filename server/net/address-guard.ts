import { lookup } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Where a host is: resolved once, checked, and then used as it is (SAFE-5). */
export interface CheckedAddress {
  readonly address: string
  readonly family: 4 | 6
}

export type ResolvedAddress =
  | ({ readonly ok: true } & CheckedAddress)
  | {
      readonly ok: false
      /** `forbidden`: asked for nobody; `private`: only a PBX may be there. */
      readonly code: 'not-found' | 'forbidden' | 'private'
      readonly message: string
    }

/** Resolves a host name; injectable, because tests have no name server. */
export type Resolve = (host: string) => Promise<readonly { address: string; family: number }[]>

export interface GuardOptions {
  /** True for PBXs; false for what anybody on the internet may have named. */
  readonly allowPrivate: boolean
  readonly resolve?: Resolve | undefined
  /** A name server that is not there is waited for no longer. */
  readonly timeoutMs?: number | undefined
}

type Network = readonly [address: string, bits: number]

/** "This host", link-local with the metadata services, multicast, reserved and broadcast. */
const NEVER_IPV4: readonly Network[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
  // Alibaba Cloud, Oracle Cloud and Azure keep theirs outside of link-local.
  ['100.100.100.200', 32],
  ['192.0.0.192', 28],
  ['168.63.129.16', 32],
]
const NEVER_IPV6: readonly Network[] = [
  ['::', 128],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  // The metadata services of AWS and Google Cloud.
  ['fd00:ec2::', 32],
  ['fd20:ce::254', 128],
]
/** Loopback, private networks, carriers' NAT, protocol assignments and benchmarks (RFC 6890). */
const PRIVATE_IPV4: readonly Network[] = [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['192.0.0.0', 24],
  ['198.18.0.0', 15],
]
const PRIVATE_IPV6: readonly Network[] = [
  ['::1', 128],
  ['fc00::', 7],
  // A network's own NAT64, and Teredo: both may lead to any IPv4 address inside.
  ['64:ff9b:1::', 48],
  ['2001::', 32],
]

const NEVER = createList(NEVER_IPV4, NEVER_IPV6)
const PRIVATE = createList(PRIVATE_IPV4, PRIVATE_IPV6)

/**
 * The address to connect to, or why there is none. Connect to it with `lookup: lookupOf(found)` and,
 * for HTTP, `agent: false`: then nothing asks a name server a second time. Redirects are the caller's
 * to refuse; `node:http` follows none.
 *
 * @example const found = await resolveAllowed('pbx.example.com', { allowPrivate: true })
 * if (found.ok) connect({ host: 'pbx.example.com', port: 5038, lookup: lookupOf(found) })
 */
export async function resolveAllowed(
  host: string,
  options: GuardOptions,
): Promise<ResolvedAddress> {
  const name = host.trim().replace(/^\[(.*)\]$/, '$1')
  const found = await addressesOf(name, options)
  if ('problem' in found) return { ok: false, code: 'not-found', message: found.problem }
  const first = found.addresses[0]
  if (first === undefined)
    return { ok: false, code: 'not-found', message: `no address is known for "${name}"` }
  // A name such as pbx.local often has a link-local address beside the one that is meant.
  const allowed = found.addresses.find(
    (each) => !isForbidden(each.address) && (options.allowPrivate || !isPrivate(each.address)),
  )
  if (allowed !== undefined)
    return { ok: true, address: allowed.address, family: allowed.family === 6 ? 6 : 4 }
  const place = name === first.address ? name : `"${name}" is ${first.address}`
  return isForbidden(first.address)
    ? {
        ok: false,
        code: 'forbidden',
        message: `${place}: link-local and metadata addresses are not asked`,
      }
    : {
        ok: false,
        code: 'private',
        message: `${place}: addresses of private networks are not asked`,
      }
}

/** True for addresses that Ringside connects to for nobody. */
export function isForbidden(address: string): boolean {
  return isIn(NEVER, address)
}

/** True for addresses inside somebody's own network, this machine's loopback among them. */
export function isPrivate(address: string): boolean {
  return isIn(PRIVATE, address)
}

/** Makes a socket use the checked address, whatever its host name says by now. */
export function lookupOf(checked: CheckedAddress): LookupFunction {
  return (_host, options, callback) => {
    if (options.all === true) callback(null, [{ address: checked.address, family: checked.family }])
    else callback(null, checked.address, checked.family)
  }
}

function isIn(list: BlockList, address: string): boolean {
  const [bare = ''] = address.split('%')
  const family = isIP(bare)
  // What is no address can be checked by nobody.
  if (family === 0) return true
  return list.check(bare, family === 6 ? 'ipv6' : 'ipv4')
}

type Found =
  | { readonly addresses: readonly { address: string; family: number }[] }
  | { readonly problem: string }

async function addressesOf(name: string, options: GuardOptions): Promise<Found> {
  const family = isIP(name)
  if (family !== 0) return { addresses: [{ address: name, family }] }
  // What is no host name (a path, spaces, a line break) is not given to the resolver.
  if (!/^[\p{L}\p{N}._-]{1,253}$/u.test(name)) return { addresses: [] }
  const resolve = options.resolve ?? ((host: string) => lookup(host, { all: true }))
  const timeoutMs = options.timeoutMs ?? 10_000
  const late = Promise.withResolvers<Found>()
  const problem = `the name server gave no answer for "${name}" within ${timeoutMs / 1000} s`
  const timer = setTimeout(() => late.resolve({ problem }), timeoutMs)
  try {
    const asked = resolve(name).then((addresses) => ({ addresses }))
    return await Promise.race([asked, late.promise])
  } catch (error) {
    // Everything else says no more than that there is no address.
    const isAway = error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN'
    return isAway ? { problem: `no name server could be asked for "${name}"` } : { addresses: [] }
  } finally {
    clearTimeout(timer)
  }
}

/** Each IPv4 network also as NAT64, 6to4, SIIT and the old compatible notation; `::ffff:` is known to Node. */
function createList(ipv4: readonly Network[], ipv6: readonly Network[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of ipv4) {
    list.addSubnet(network, bits, 'ipv4')
    list.addSubnet(`64:ff9b::${network}`, 96 + bits, 'ipv6')
    list.addSubnet(`2002:${hexOf(network)}::`, 16 + bits, 'ipv6')
    list.addSubnet(`::ffff:0:${network}`, 96 + bits, 'ipv6')
    // ::/104 holds ::1, which has a rule of its own.
    if (network !== '0.0.0.0') list.addSubnet(`::${network}`, 96 + bits, 'ipv6')
  }
  for (const [network, bits] of ipv6) list.addSubnet(network, bits, 'ipv6')
  return list
}

/** `169.254.0.0` → `a9fe:0000` */
function hexOf(network: string): string {
  const bytes = network.split('.').map((each) => Number(each).toString(16).padStart(2, '0'))
  return `${bytes.slice(0, 2).join('')}:${bytes.slice(2).join('')}`
}
