import type { ActionOutput } from '../../../common/command/result.ts'
import type { Detection } from '../../../common/tuning/detection.ts'
import { textUnlessEmpty } from './advice-tables.ts'

/** Leaves room among the parts of a result for notes and for the whole as a value. */
const mostSections = 12

/** What was found of a server, for a person. */
export function detectionTables({ sections, notes }: Detection): readonly ActionOutput[] {
  return [
    ...sections.slice(0, mostSections).map(({ title, facts }): ActionOutput => ({
      type: 'table',
      title,
      columns: [
        { name: 'what', align: 'left' },
        { name: 'value', align: 'left' },
        { name: 'from', align: 'left' },
      ],
      rows: facts.map(({ name, value, from }) => [name, value, from]),
      truncated: false,
    })),
    ...textUnlessEmpty('Notes', notes),
  ]
}
