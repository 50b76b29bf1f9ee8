import { type EndpointLimits, endpointLimitDefaults } from './endpoint.ts'
import { type EndpointCaps, noCaps } from './endpoint-caps.ts'

/** What an admin may set of how much moves at an endpoint. */
export type Load = Omit<EndpointLimits, 'literalBytesMax'> & EndpointCaps

/** A provider whose published limits are an endpoint's defaults. */
export interface Preset {
  readonly name: string
  readonly hosts: RegExp
  readonly load: Partial<Load>
  /** Where the figures come from. */
  readonly reason: string
}

const presets: readonly Preset[] = [
  {
    name: 'Gmail',
    hosts: /^imap\.(gmail|googlemail)\.com$/i,
    load: {
      connectionsMax: 15,
      mailboxBytesReadPerDayMax: 2_500_000_000,
      mailboxBytesWrittenPerDayMax: 500_000_000,
    },
    reason:
      'Gmail lets 2,500 MB a day be read from an account and 500 MB be written to it by IMAP, and takes 15 connections ' +
      'of an account at a time. Where each user has an account of its own, more connections may be set',
  },
  {
    name: 'Microsoft 365',
    hosts: /^(outlook\.office365\.com|imap-mail\.outlook\.com|outlook\.office\.com)$/i,
    load: {},
    reason: 'Microsoft 365 publishes no figures for IMAP. It asks to wait where it has enough, and that is obeyed',
  },
]

/** The provider of that host, or null for a server of one's own. */
export const presetOf = (host: string): Preset | null => presets.find(({ hosts }) => hosts.test(host)) ?? null

const { literalBytesMax: _, ...limits } = endpointLimitDefaults
const generic: Load = { ...limits, ...noCaps }

/** What holds for an endpoint at that host where nothing is said. */
export const defaultLoad = (host: string): Load => ({ ...generic, ...presetOf(host)?.load })

/** Where each limit comes from: the provider's figures, the general default, or somebody who set it. */
export type Origin = 'preset' | 'default' | 'set'

export function originsOf(host: string, load: Load): Readonly<Record<keyof Load, Origin>> {
  const preset = presetOf(host)?.load ?? {}
  const origin = (name: keyof Load): Origin => {
    if (load[name] !== defaultLoad(host)[name]) return 'set'
    return name in preset ? 'preset' : 'default'
  }
  return Object.fromEntries(loadNames.map((name) => [name, origin(name)])) as Record<keyof Load, Origin>
}

export const loadNames = Object.keys(generic) as readonly (keyof Load)[]

/** Limits that nobody set follow the host when it changes. */
export function loadAt(host: string, before: { readonly host: string; readonly load: Load }): Load {
  const origins = originsOf(before.host, before.load)
  const kept = Object.fromEntries(
    loadNames.filter((name) => origins[name] === 'set').map((name) => [name, before.load[name]]),
  )
  return { ...defaultLoad(host), ...kept }
}
