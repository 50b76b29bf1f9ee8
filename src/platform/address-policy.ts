import { BlockList, isIP } from 'node:net'

/** Which addresses may be dialled. Link-local ones and those of cloud metadata services never may. */
export interface AddressPolicy {
  readonly allowsLoopback: boolean
  readonly allowsPrivate: boolean
}

/** A self-hosted tool's normal sources stand in the same network. */
export const defaultPolicy: AddressPolicy = { allowsLoopback: true, allowsPrivate: true }

type Subnet = readonly [network: string, bits: number]

/** Link-local with the metadata services in it, other metadata addresses, "this network", multicast, broadcast. */
const never = blockList([
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['0.0.0.0', 8],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
  ['::', 128],
  ['ff00::', 8],
])
const loopback = blockList([
  ['127.0.0.0', 8],
  ['::1', 128],
])
const privateNets = blockList([
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['fc00::', 7],
])

export function isAllowed(address: string, { allowsLoopback, allowsPrivate }: AddressPolicy = defaultPolicy): boolean {
  const unzoned = address.split('%')[0] ?? ''
  const plain = embeddedIpv4(unzoned) ?? unzoned
  if (isIP(plain) === 0 || isIn(never, plain)) return false
  return (allowsLoopback || !isIn(loopback, plain)) && (allowsPrivate || !isIn(privateNets, plain))
}

const isIn = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** The IPv4 address inside a mapped, NAT64 (RFC 6052), 6to4 (RFC 3056) or compatible IPv6 address, or null. */
function embeddedIpv4(address: string): string | null {
  if (isIP(address) !== 6) return null
  const groups = expandIpv6(address)
  const at = (index: number): number => groups[index] ?? 0
  const isZero = (from: number, to: number): boolean => groups.slice(from, to).every((group) => group === 0)
  const dotted = (index: number): string =>
    [at(index) >> 8, at(index) & 255, at(index + 1) >> 8, at(index + 1) & 255].join('.')
  if (isZero(0, 5) && at(5) === 0xffff) return dotted(6)
  if (at(0) === 0x64 && at(1) === 0xff9b && isZero(2, 6)) return dotted(6)
  if (at(0) === 0x2002) return dotted(1)
  // ::1 and :: are addresses of their own.
  return isZero(0, 6) && (at(6) !== 0 || at(7) > 1) ? dotted(6) : null
}

function expandIpv6(address: string): readonly number[] {
  const text = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [(Number(a) << 8) | Number(b), (Number(c) << 8) | Number(d)].map((group) => group.toString(16)).join(':'),
  )
  const [head = [], tail] = text.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = tail ? Array.from({ length: 8 - head.length - tail.length }, () => '0') : []
  return [...head, ...zeros, ...(tail ?? [])].map((group) => Number.parseInt(group, 16))
}

function blockList(subnets: readonly Subnet[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of subnets) list.addSubnet(network, bits, isIP(network) === 6 ? 'ipv6' : 'ipv4')
  return list
}
