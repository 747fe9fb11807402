import { regExpOf } from '../fields/matcher.ts'
import type { Transformation } from '../model/transformation.ts'
import { lengthOf, nameOf } from './frame.ts'
import type { Cell, Field, Frame } from './frame.ts'
import { mergeFrames } from './merge.ts'

/** Does to frames what the board says, in its order. */
export function transformFrames(
  frames: readonly Frame[],
  transformations: readonly Transformation[],
): readonly Frame[] {
  return transformations.reduce(transformed, frames)
}

type Options<Id extends Transformation['id']> = Extract<Transformation, { id: Id }>['options']

function transformed(frames: readonly Frame[], step: Transformation): readonly Frame[] {
  switch (step.id) {
    case 'merge':
      return mergeFrames(frames)
    case 'organize':
      return frames.map((frame) => organized(frame, step.options))
    case 'filterFieldsByName':
      return frames.map((frame) => filtered(frame, step.options))
    case 'sortBy':
      return frames.map((frame) => sorted(frame, step.options))
    case 'renameByRegex':
      return frames.map((frame) => renamed(frame, step.options))
  }
}

function organized(frame: Frame, options: Options<'organize'>): Frame {
  const { excludeByName, includeByName, indexByName, renameByName } = options
  const isIncluding = Object.values(includeByName).some(Boolean)
  const kept = frame.fields.filter((field) => {
    const name = nameOf(field)
    return excludeByName[name] !== true && (!isIncluding || includeByName[name] === true)
  })
  // Columns that the board does not place come after those that it does.
  const position = (field: Field): number => indexByName[nameOf(field)] ?? Number.MAX_SAFE_INTEGER
  return {
    ...frame,
    fields: kept
      .toSorted((a, b) => position(a) - position(b))
      .map((field) => withName(field, renameByName[nameOf(field)])),
  }
}

function withName(field: Field, name: string | undefined): Field {
  if (name === undefined || name === '') return field
  // Links go on to speak of a column by the name that it came with.
  return { ...field, legend: name }
}

function filtered(frame: Frame, { include, exclude }: Options<'filterFieldsByName'>): Frame {
  const meets = (
    field: Field,
    rule: { names?: string[] | undefined; pattern?: string | undefined },
  ): boolean =>
    (rule.names?.includes(nameOf(field)) ?? false) ||
    (rule.pattern !== undefined && rule.pattern !== '' && regExpOf(rule.pattern).test(nameOf(field)))
  return {
    ...frame,
    fields: frame.fields.filter(
      (field) =>
        (include === undefined || meets(field, include)) && (exclude === undefined || !meets(field, exclude)),
    ),
  }
}

function sorted(frame: Frame, { sort }: Options<'sortBy'>): Frame {
  const [by] = sort
  const field = frame.fields.find((one) => nameOf(one) === by?.field)
  if (by === undefined || field === undefined) return frame
  const order = Array.from({ length: lengthOf(frame) }, (_, row) => row).sort((a, b) =>
    compareCells(field.values[a] ?? null, field.values[b] ?? null, by.desc),
  )
  return {
    ...frame,
    fields: frame.fields.map((one) => ({ ...one, values: order.map((row) => one.values[row] ?? null) })),
  }
}

function renamed(frame: Frame, { regex, renamePattern }: Options<'renameByRegex'>): Frame {
  const pattern = regExpOf(regex)
  return {
    ...frame,
    fields: frame.fields.map((field) =>
      field.kind === 'time' ? field : withName(field, nameOf(field).replace(pattern, renamePattern)),
    ),
  }
}

const natural = new Intl.Collator('en', { numeric: true })

/** The order of two cells; what is missing comes last whichever way the others stand. */
export function compareCells(a: Cell, b: Cell, isFalling: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : natural.compare(String(a), String(b))
  return isFalling ? -order : order
}
