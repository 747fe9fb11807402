import { labelsOf } from './series-columns.ts'
import type { SeriesColumns } from './series-columns.ts'
import { createSeriesTable, internSymbols } from './series-table.ts'
import { symbolOf } from './symbols.ts'
import type { LabelSet } from '../../../../common/series/label-set.ts'

/** The series of several tables under numbers of their own: equal label sets have the same one. */
export interface SeriesUnion {
  idOf(table: SeriesColumns, ref: number): number
  labelsOf(id: number): LabelSet
}

/** Symbols of one table in the union, plus 1; 0 is not translated yet. */
type Translation = Uint32Array | Map<number, number>

/** Tables with more texts than this are translated into a map: of a large block few series may be wanted. */
const manyTexts = 1 << 16

/** @param isSingle all refs will be of one table: then they are the numbers */
export function createSeriesUnion(isSingle = false): SeriesUnion {
  return isSingle ? unionOfOne() : unionOfMany()
}

function unionOfOne(): SeriesUnion {
  let only: SeriesColumns | undefined
  return {
    idOf(table, ref) {
      only = table
      return ref
    },
    labelsOf: (id) => (only === undefined ? [] : labelsOf(only, id)),
  }
}

function unionOfMany(): SeriesUnion {
  const union = createSeriesTable(false)
  const translations = new WeakMap<SeriesColumns, Translation>()
  let scratch = new Uint32Array(64)
  const translate = ({ symbols }: SeriesColumns, symbol: number, translation: Translation): number => {
    const known = translation instanceof Map ? (translation.get(symbol) ?? 0) : translation[symbol]!
    if (known > 0) return known - 1
    const translated = symbolOf(union.symbols, symbols.texts[symbol]!)
    if (translation instanceof Map) translation.set(symbol, translated + 1)
    else translation[symbol] = translated + 1
    return translated
  }
  return {
    idOf(table, ref) {
      let translation = translations.get(table)
      const texts = table.symbols.texts.length
      // The head gets new texts while a query takes turns with ingestion.
      if (translation === undefined || (!(translation instanceof Map) && translation.length < texts)) {
        translation = texts > manyTexts ? new Map<number, number>() : new Uint32Array(texts)
        translations.set(table, translation)
      }
      const start = table.starts[ref]!
      const length = table.starts[ref + 1]! - start
      if (length > scratch.length) scratch = new Uint32Array(length * 2)
      for (let i = 0; i < length; i++) scratch[i] = translate(table, table.pool[start + i]!, translation)
      return internSymbols(union, scratch, 0, length)
    },
    labelsOf: (id) => labelsOf(union, id),
  }
}
