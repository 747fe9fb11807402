import { globSync, readFileSync } from 'node:fs'

/** What a document shows to be typed, kept in a file, or compared. */
export interface Snippet {
  /** `docs/02-the-agent.md:22`, the line of its fence or of its text. */
  readonly at: string
  readonly file: string
  /** First word behind the fence; of a code span `span`. */
  readonly language: string
  readonly text: string
}

export const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md').sort()]

/** All fenced blocks of a document in Markdown, with the indentation of the fence taken off. */
export function blocksOf(file: string, document = readFileSync(file, 'utf8')): readonly Snippet[] {
  const blocks: Snippet[] = []
  let open: { readonly line: number; readonly indent: string; readonly language: string } | undefined
  let lines: string[] = []
  for (const [at, line] of document.split('\n').entries()) {
    const [, indent = '', , info = ''] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(line) ?? []
    if (!/^\s*(`{3,}|~{3,})/.test(line)) {
      if (open !== undefined) lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line)
    } else if (open === undefined) {
      open = { line: at + 1, indent, language: info.trim().split(/\s+/)[0] ?? '' }
      lines = []
    } else {
      blocks.push({ at: `${file}:${open.line}`, file, language: open.language, text: lines.join('\n') })
      open = undefined
    }
  }
  if (open !== undefined) throw new Error(`${file}:${open.line}: the block has no end`)
  return blocks
}

/** Code spans that begin with the name of one of our programs or of npm. */
export function commandSpansOf(file: string, document = readFileSync(file, 'utf8')): readonly Snippet[] {
  const spans: Snippet[] = []
  let isInside = false
  for (const [at, line] of document.split('\n').entries()) {
    if (/^\s*(`{3,}|~{3,})/.test(line)) isInside = !isInside
    else if (!isInside) {
      for (const [, text] of line.matchAll(/`((?:agentctl|pgherd-agent|pgherd-collector|npm) [^`]+)`/g)) {
        spans.push({ at: `${file}:${at + 1}`, file, language: 'span', text: text!.replaceAll('\\|', '|') })
      }
    }
  }
  return spans
}
