import { lookup } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** Where a PBX is: resolved once, checked, and then used as it is (SAFE-5). */
export interface PbxAddress {
  readonly address: string
  readonly family: 4 | 6
}

export type ResolvedPbx =
  | ({ readonly ok: true } & PbxAddress)
  | { readonly ok: false; readonly code: 'forbidden' | 'not-found'; readonly message: string }

/** Resolves a host name; injectable, because tests have no name server. */
export type Resolve = (host: string) => Promise<readonly { address: string; family: number }[]>

const NEVER = createForbiddenList()

/**
 * The address to connect to: a PBX may be anywhere private, but link-local addresses and those where
 * clouds keep their instances' credentials are never asked.
 *
 * @example const pbx = await resolvePbxAddress('pbx.example.com')
 * if (pbx.ok) connect({ host: 'pbx.example.com', port: 5038, lookup: lookupOf(pbx) })
 */
export async function resolvePbxAddress(
  host: string,
  resolve: Resolve = (name) => lookup(name, { all: true }),
): Promise<ResolvedPbx> {
  const name = host.trim().replace(/^\[(.*)\]$/, '$1')
  const found = await addressesOf(name, resolve)
  const first = found[0]
  if (first === undefined)
    return { ok: false, code: 'not-found', message: `no address is known for "${name}"` }
  // A name such as pbx.local often has a link-local address beside the one that is meant.
  const allowed = found.find((each) => !isForbidden(each.address))
  if (allowed !== undefined)
    return { ok: true, address: allowed.address, family: allowed.family === 6 ? 6 : 4 }
  const message = `"${name}" is ${first.address}: link-local and metadata addresses are not asked`
  return { ok: false, code: 'forbidden', message }
}

/** True for addresses that Ringside connects to for nobody. */
export function isForbidden(address: string): boolean {
  const [bare = ''] = address.split('%')
  const family = isIP(bare)
  if (family === 0) return true
  return NEVER.check(bare, family === 6 ? 'ipv6' : 'ipv4')
}

/** Makes a socket use the checked address, whatever its host name says by now. */
export function lookupOf(pbx: PbxAddress): LookupFunction {
  return (_host, options, callback) => {
    if (options.all === true) callback(null, [{ address: pbx.address, family: pbx.family }])
    else callback(null, pbx.address, pbx.family)
  }
}

async function addressesOf(
  name: string,
  resolve: Resolve,
): Promise<readonly { address: string; family: number }[]> {
  const family = isIP(name)
  if (family !== 0) return [{ address: name, family }]
  // What is no host name (a path, spaces, a line break) is not given to the resolver.
  if (!/^[\p{L}\p{N}._-]{1,253}$/u.test(name)) return []
  try {
    return await resolve(name)
  } catch {
    // The resolver's words (ENOTFOUND, EAI_AGAIN) say no more than that there is no address.
    return []
  }
}

function createForbiddenList(): BlockList {
  const list = new BlockList()
  // "This host", link-local with the metadata services, multicast, reserved and broadcast.
  list.addSubnet('0.0.0.0', 8, 'ipv4')
  list.addSubnet('169.254.0.0', 16, 'ipv4')
  list.addSubnet('224.0.0.0', 3, 'ipv4')
  // Alibaba Cloud, Oracle Cloud and Azure keep theirs outside of link-local.
  list.addAddress('100.100.100.200', 'ipv4')
  list.addSubnet('192.0.0.192', 28, 'ipv4')
  list.addAddress('168.63.129.16', 'ipv4')
  list.addAddress('::', 'ipv6')
  list.addSubnet('fe80::', 10, 'ipv6')
  list.addSubnet('fec0::', 10, 'ipv6')
  list.addSubnet('ff00::', 8, 'ipv6')
  // The metadata services of AWS and Google Cloud.
  list.addSubnet('fd00:ec2::', 32, 'ipv6')
  list.addAddress('fd20:ce::254', 'ipv6')
  // IPv4 inside IPv6: NAT64 and 6to4 of 169.254.0.0/16, and the old compatible notation.
  list.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6')
  list.addSubnet('2002:a9fe::', 32, 'ipv6')
  list.addSubnet('::a9fe:0', 112, 'ipv6')
  return list
}
