import type { BlockPages } from './block-pages.ts'
import type { ChunkPage } from './chunk-page.ts'
import type { PageContent } from './lazy-file.ts'
import type { SeriesPage } from './series-page.ts'
import type { SymbolPage } from './symbol-page.ts'

/** Goes through one section of a block from its first row to its last; next() loads pages as needed. */
export interface SymbolCursor {
  /** undefined behind the last. */
  text: string | undefined
  next(): Promise<void> | undefined
}

/** At its first row. */
export async function openSymbols(pages: BlockPages): Promise<SymbolCursor> {
  let i = -1
  let page: SymbolPage | undefined
  let at = 0
  const turn = async (): Promise<void> => {
    i++
    page = i < pages.root.symbols.pages.count ? await pages.symbols(i) : undefined
    at = 0
    cursor.text = page?.texts[0]
  }
  const cursor: SymbolCursor = {
    text: undefined,
    next() {
      if (page === undefined || ++at === page.texts.length) return turn()
      cursor.text = page.texts[at]
      return undefined
    },
  }
  await turn()
  return cursor
}

export interface SeriesCursor {
  /** The series is page.labels from `start`, `length` symbols; page is undefined behind the last. */
  page: SeriesPage | undefined
  number: number
  start: number
  length: number
  next(): Promise<void> | undefined
}

export async function openSeries(pages: BlockPages): Promise<SeriesCursor> {
  let i = -1
  const settle = (): void => {
    const { page, number } = cursor
    if (page === undefined) return
    cursor.start = page.starts[number - page.first]!
    cursor.length = page.starts[number - page.first + 1]! - cursor.start
  }
  const turn = async (): Promise<void> => {
    i++
    cursor.page = i < pages.root.series.pages.count ? await pages.series(i) : undefined
    settle()
  }
  const cursor: SeriesCursor = {
    page: undefined,
    number: 0,
    start: 0,
    length: 0,
    next() {
      const { page } = cursor
      cursor.number++
      if (page === undefined || cursor.number === page.first + page.count) return turn()
      settle()
      return undefined
    },
  }
  await turn()
  return cursor
}

export interface ChunkCursor {
  /** The chunk is this row of the page; undefined behind the last. */
  page: ChunkPage | undefined
  row: number
  /** The data page of the row. */
  data(): Promise<PageContent>
  next(): Promise<void> | undefined
}

/** @throws Error when a page fails its checksum */
export async function openChunks(pages: BlockPages, section: number): Promise<ChunkCursor> {
  let i = -1
  let dataPage = -1
  let content: PageContent | undefined
  const turn = async (): Promise<void> => {
    i++
    cursor.row = 0
    dataPage = -1
    cursor.page = undefined
    if (i >= pages.root.sections[section]!.pages.count) return
    cursor.page = await pages.chunks(section, i)
    if (cursor.page === undefined) throw badPage()
  }
  const cursor: ChunkCursor = {
    page: undefined,
    row: 0,
    async data() {
      const { page, row } = cursor
      if (page === undefined) throw badPage()
      if (content === undefined || page.pages[row] !== dataPage) {
        dataPage = page.pages[row]!
        content = await pages.data(page.dataPages, dataPage)
        if (content === undefined) throw badPage()
      }
      return content
    },
    next() {
      if (cursor.page === undefined || ++cursor.row === cursor.page.count) return turn()
      return undefined
    },
  }
  await turn()
  return cursor
}

function badPage(): Error {
  return new Error('a page fails its checksum')
}
