import { commandsOf, typedIn } from './shell.ts'
import { blocksOf, commandSpansOf } from './snippets.ts'

/** Where a document means a name of the reader's own. */
const names: Readonly<Record<string, string>> = {
  '<ins>': 'pg-main-1',
  '<node>': 'pg-main-1',
  '<datname>': 'shop',
  '<relname>': 'public.transfers',
  '<id>': '6f1c2f0e',
}

/** Clusters and databases of the examples, as they are called where they are carried out. */
const here: Readonly<Record<string, string>> = {
  demo: 'pg-main',
  'demo-1': 'pg-main-1',
  'pg-sys': 'pg-main',
  'pg-sys-1': 'pg-main-1',
  CLUSTER: 'pg-main',
  CLUSTERS: 'pg-main',
}

/** The arguments of each call of agentctl that a document shows. */
export function agentctlCallsOf(file: string): readonly (readonly string[])[] {
  const texts = [
    ...blocksOf(file).flatMap(({ language, text }) =>
      language === 'sh' ? [text] : language === 'console' ? [typedIn(text)] : [],
    ),
    ...commandSpansOf(file).map(({ text }) => text),
  ]
  return texts
    .flatMap((text) => commandsOf(text))
    .flatMap(([program, ...words]) => {
      if (program === 'agentctl') return [words]
      const isOurs = program === 'npm' && words.includes('agentctl') && words.includes('--')
      return isOurs ? [words.slice(words.indexOf('--') + 1)] : []
    })
    .filter((words) => words.every((word) => !/^[\w-]+\|[\w-|]+$/.test(word)))
    .map((words) =>
      words.map((word) =>
        (here[word] ?? word).replaceAll(/<[\w-]+>/g, (placeholder) => names[placeholder] ?? 'pg-main'),
      ),
    )
}
