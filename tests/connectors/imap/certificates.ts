import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TlsKeys } from '../../../src/demo/settings.ts'
import { findProgram } from '../../support/need.ts'

/** A self-signed certificate with these subject alternative names, valid for so many days. */
export function certificate(names: string, days = 30): TlsKeys {
  const folder = mkdtempSync(join(tmpdir(), 'postferry-tls-'))
  try {
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
    const subject = ['-subj', '/CN=mail', '-addext', `subjectAltName=${names}`, '-out', certFile]
    const validity =
      days > 0 ? ['-days', `${days}`] : ['-not_before', '20200101000000Z', '-not_after', '20200102000000Z']
    execFileSync(findProgram('openssl') ?? 'openssl', ['req', '-x509', ...key, ...subject, ...validity], {
      stdio: 'ignore',
    })
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
