import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './need.ts'

export interface Certificate {
  readonly certificateFile: string
  readonly keyFile: string
  readonly pem: string
}

/** Makes a self-signed certificate for localhost and 127.0.0.1 as `certificate.pem` and `key.pem` in a folder. */
export function makeCertificate(folder: string): Certificate {
  const certificateFile = join(folder, 'certificate.pem')
  const keyFile = join(folder, 'key.pem')
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '30']
  execFileSync(
    findProgram('openssl') ?? 'openssl',
    [...[...request, ...subject], ...['-keyout', keyFile, '-out', certificateFile]],
    { stdio: 'ignore' },
  )
  return { certificateFile, keyFile, pem: readFileSync(certificateFile, 'utf8') }
}
