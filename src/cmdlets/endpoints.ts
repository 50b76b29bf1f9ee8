import type { Cmdlet, Parameter } from './cmdlet.ts'
import { endpointIdentity, endpointSettings, parameter, theEndpoint } from './parameters.ts'

const type = (name: string, what: string): Parameter => parameter(name, 'switch', what)

/** One of them says what kind of server it is. */
const types: readonly Parameter[] = [
  type('IMAP', 'An IMAP server'),
  type('ExchangeRemoteMove', 'An Exchange server, by the remote move'),
  type('ExchangeOutlookAnywhere', 'An Exchange server, for staged and cutover migrations'),
  type('Gmail', 'Gmail'),
]

export const endpointCmdlets: readonly Cmdlet[] = [
  {
    name: 'New-MigrationEndpoint',
    sentence: 'Tell how to reach a mail server',
    parameters: [
      parameter('Name', 'text', 'What the endpoint shall be called', { isRequired: true, isFirst: true }),
      ...types,
      ...endpointSettings,
      parameter('AcceptUntrustedCertificates', 'switch', 'Do not check the certificate'),
    ],
    effect: 'changes',
    answer: 'MigrationEndpoint',
    example: 'New-MigrationEndpoint -IMAP -Name old -RemoteServer imap.old.example -Port 993 -Security Ssl',
  },
  {
    name: 'Set-MigrationEndpoint',
    sentence: 'Change how a server is reached, or how much it takes at a time',
    parameters: [
      theEndpoint,
      ...endpointSettings,
      parameter('AcceptUntrustedCertificates', 'bool', 'Do not check the certificate'),
    ],
    effect: 'changes',
    answer: null,
    example: 'Set-MigrationEndpoint old -MaxConcurrentMigrations 50',
  },
  {
    name: 'Get-MigrationEndpoint',
    sentence: 'Show endpoints',
    parameters: [
      endpointIdentity,
      parameter('Type', 'text', 'Only endpoints of that kind', {
        choices: ['IMAP', 'ExchangeRemoteMove', 'ExchangeOutlookAnywhere', 'PublicFolder'],
      }),
    ],
    effect: 'reads',
    answer: 'MigrationEndpoint',
    example: 'Get-MigrationEndpoint -Identity old',
  },
  {
    name: 'Remove-MigrationEndpoint',
    sentence: 'Remove an endpoint that no batch uses',
    parameters: [theEndpoint],
    effect: 'removes',
    answer: null,
    example: 'Remove-MigrationEndpoint old -Confirm:$false',
  },
  {
    name: 'Test-MigrationServerAvailability',
    sentence: 'Try to reach a server, and to sign in where a mailbox is named',
    parameters: [
      parameter('Endpoint', 'text', 'An endpoint that is there already'),
      ...types,
      ...endpointSettings.filter(({ name }) =>
        [
          'RemoteServer',
          'Port',
          'Security',
          'Authentication',
          'Credentials',
          'MailboxPermission',
          'TestMailbox',
        ].includes(name),
      ),
      parameter('AcceptUntrustedCertificates', 'switch', 'Do not check the certificate'),
    ],
    effect: 'reads',
    answer: 'MigrationServerAvailability',
    example: 'Test-MigrationServerAvailability -IMAP -RemoteServer imap.old.example -Port 993 -Security Ssl',
  },
]
