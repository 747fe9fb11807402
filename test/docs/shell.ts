/**
 * The commands of a piece of shell as word lists: quotes, comments, continued lines, `&&`, `||`, `;`, `|`, redirections,
 * `VAR=value` before a command and `<(...)` are understood; what a documentation needs, and no more. Two words with `|` and no
 * space between are an alternative, and `<name>` a name of the reader's own.
 * @throws Error for a quote that does not end
 */
export function commandsOf(text: string): readonly (readonly string[])[] {
  const commands: string[][] = []
  let words: string[] = []
  let word: string | undefined
  const endWord = (): void => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  const endCommand = (): void => {
    endWord()
    const found = withoutSurroundings(words)
    if (found.length > 0) commands.push(found)
    words = []
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (character === '\\') {
      const next = text[++at]
      if (next !== '\n' && next !== undefined) word = (word ?? '') + next
    } else if (character === "'" || character === '"') {
      const end = endOfQuote(text, at)
      word = (word ?? '') + text.slice(at + 1, end).replaceAll('\\\n', '')
      at = end
    } else if (character === '<' && text[at + 1] === '(') {
      const end = text.indexOf(')', at)
      commands.push(...commandsOf(text.slice(at + 2, end)).map((inner) => [...inner]))
      word = (word ?? '') + '/dev/fd/63'
      at = end
    } else if (character === '#' && word === undefined) {
      while (at + 1 < text.length && text[at + 1] !== '\n') at++
    } else if (character === '|' && word !== undefined && /\w/.test(text[at + 1] ?? '')) word += character
    else if (/[\n;|&]/.test(character)) endCommand()
    else if (character === '>' || (character === '<' && !/^<[a-z_ -]+>/i.test(text.slice(at)))) {
      endWord()
      words.push('>')
      while (text[at + 1] === '>' || text[at + 1] === '<') at++
    } else if (/\s/.test(character)) endWord()
    else if (character === '<') {
      const end = text.indexOf('>', at)
      word = (word ?? '') + text.slice(at, end + 1)
      at = end
    } else word = (word ?? '') + character
  }
  endCommand()
  return commands
}

/** What is typed in a transcript: the lines behind `$ ` or `# `, with the lines that continue them. */
export function typedIn(transcript: string): string {
  const typed: string[] = []
  let goesOn = false
  for (const line of transcript.split('\n')) {
    const begun = /^[$#] (.*)$/.exec(line)?.[1]
    if (begun === undefined && !goesOn) continue
    typed.push(begun ?? line)
    goesOn = line.endsWith('\\')
  }
  return typed.join('\n')
}

function endOfQuote(text: string, at: number): number {
  const quote = text[at]!
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\' && quote === '"') end++
    else if (text[end] === quote) return end
  }
  throw new Error(`a quote does not end: ${text.slice(at, at + 40)}`)
}

/** Without redirections, assignments, and who runs it. */
function withoutSurroundings(words: readonly string[]): string[] {
  const kept = words.filter((word, i) => word !== '>' && words[i - 1] !== '>')
  while (/^[A-Z_]+=/.test(kept[0] ?? '')) kept.shift()
  if (kept[0] === 'sudo') kept.splice(0, kept[1] === '-u' ? 3 : 1)
  return kept
}
