import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { shellWord } from '../../../../agent/actions/indexes/shell-word.ts'

test.each([`public.notes_idx`, `"Größe Ä"."it's ""odd"" $HOME"`, "''", ''])(
  'a shell takes %s as it is',
  (text) => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text)
  },
)
