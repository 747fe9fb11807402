export type Labels = Readonly<Record<string, string>>
export type Cell = number | string | null

/** A column of an answer. */
export interface Field {
  /** As it came: the label of a table's column, `Value` of a series. */
  readonly name: string
  readonly labels: Labels
  /** Times are milliseconds since the epoch. */
  readonly kind: 'time' | 'number' | 'string'
  readonly values: readonly Cell[]
  /** What the query's legend makes of the labels, or a transformation of the name; null where neither does. */
  readonly legend: string | null
}

/** An answer as columns of equal length: a series has a time and a value, a table what it has. */
export interface Frame {
  readonly refId: string
  readonly fields: readonly Field[]
}

/** Rows of a frame. */
export function lengthOf({ fields }: Frame): number {
  return fields[0]?.values.length ?? 0
}

/** The name by which overrides and transformations know a field. */
export function nameOf({ legend, name }: Field): string {
  return legend ?? name
}

/** The numbers of a field; texts are none. */
export function numbersOf({ values }: Field): readonly (number | null)[] {
  return values.map((value) => (typeof value === 'number' ? value : null))
}
