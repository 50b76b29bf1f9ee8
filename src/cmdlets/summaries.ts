import type { Cmdlet } from './cmdlet.ts'
import { parameter, theBatch } from './parameters.ts'

export const summaryCmdlets: readonly Cmdlet[] = [
  {
    name: 'Get-MigrationConfig',
    sentence: 'Show what this server allows',
    parameters: [],
    effect: 'reads',
    answer: 'MigrationConfig',
    example: 'Get-MigrationConfig',
  },
  {
    name: 'Get-MigrationStatistics',
    sentence: 'Count the users of all batches',
    parameters: [],
    effect: 'reads',
    answer: 'MigrationStatistics',
    example: 'Get-MigrationStatistics',
  },
  {
    name: 'Export-MigrationReport',
    sentence: 'Show what became of the users of a batch, row by row',
    parameters: [
      theBatch,
      parameter('StartingRowIndex', 'count', 'Rows before it are left out; the first is 0'),
      parameter('RowCount', 'count', 'How many rows at most'),
    ],
    effect: 'reads',
    answer: 'MigrationReportRow',
    example: 'Export-MigrationReport -Identity Sales -RowCount 100',
  },
]
