import type { Folder } from '../domain/mail.ts'
import type { FolderWork, OpenFolder, Pass } from './folder-work.ts'

/** Tells how far a pass is: items and bytes of all folders, as they are settled. */
export class ProgressMeter {
  readonly #pass: Pass
  #itemsTotal: number
  #itemsDone: number

  constructor(pass: Pass, sources: readonly Folder[], open: readonly OpenFolder[]) {
    const count = (folders: readonly Folder[]): number =>
      folders.reduce((sum, folder) => sum + (folder.status?.messages ?? 0), 0)
    this.#pass = pass
    this.#itemsTotal = count(sources.filter((folder) => folder.isSelectable))
    this.#itemsDone = this.#itemsTotal - count(open.map((folder) => folder.source))
    this.#tell(null, 0)
  }

  /** Follows one folder; call the returned function when it is finished. */
  watch(work: FolderWork): () => void {
    const total = work.source.status?.messages ?? 0
    const before = this.#itemsDone
    const look = (): void => {
      this.#itemsDone = before + Math.max(0, total - work.wanted.size)
      this.#tell(work.source.path, bytesOf(work))
    }
    look()
    const timer = setInterval(look, 250)
    return () => {
      clearInterval(timer)
      this.#itemsDone = before + total
      this.#tell(work.source.path, 0)
    }
  }

  #tell(folder: readonly string[] | null, bytesWanted: number): void {
    const { bytesCopied, copied } = this.#pass.tally
    this.#pass.onProgress({
      itemsTotal: this.#itemsTotal,
      itemsDone: this.#itemsDone,
      // Sizes of folders that were not listed yet are taken to be as those that were copied.
      bytesTotal: Math.max(
        bytesCopied + bytesWanted,
        Math.round((bytesCopied / Math.max(copied, 1)) * this.#itemsTotal),
      ),
      bytesDone: bytesCopied,
      folder,
    })
  }
}

const bytesOf = ({ wanted }: FolderWork): number => [...wanted.values()].reduce((sum, item) => sum + item.sizeBytes, 0)
