/** A piece of a line. */
export type Inline =
  | { readonly kind: 'text' | 'strong' | 'emphasis' | 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly content: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'list'; readonly isOrdered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'rule' }

const item = /^\s*(?:([-*+])|(\d+)[.)])\s+(.*)$/

/**
 * Reads the part of Markdown that boards use: headings, paragraphs, flat lists, fenced code, rules, and within a line
 * `**strong**`, `*emphasis*`, `` `code` `` and `[links](url)`. Everything else is text; there is no HTML.
 */
export function parseMarkdown(text: string): readonly Block[] {
  const blocks: Block[] = []
  let paragraph: string[] = []
  let list = null as { isOrdered: boolean; items: string[] } | null
  let code: string[] | null = null
  const end = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', content: parseInline(paragraph.join(' ')) })
    if (list !== null) {
      blocks.push({ kind: 'list', isOrdered: list.isOrdered, items: list.items.map(parseInline) })
    }
    paragraph = []
    list = null
  }
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('```')) {
      if (code === null) {
        end()
        code = []
      } else {
        blocks.push({ kind: 'code', text: code.join('\n') })
        code = null
      }
      continue
    }
    if (code !== null) {
      code.push(line)
      continue
    }
    const heading = /^(#{1,6})\s+(.*)$/.exec(line)
    const found = item.exec(line)
    if (line.trim() === '') end()
    else if (/^\s*(?:-{3,}|\*{3,})\s*$/.test(line)) {
      end()
      blocks.push({ kind: 'rule' })
    } else if (heading !== null) {
      end()
      blocks.push({ kind: 'heading', level: heading[1]!.length, content: parseInline(heading[2]!) })
    } else if (found !== null) {
      const isOrdered = found[2] !== undefined
      if (list?.isOrdered !== isOrdered) end()
      list ??= { isOrdered, items: [] }
      list.items.push(found[3]!)
    } else if (list !== null) {
      list.items.push(`${list.items.pop() ?? ''} ${line.trim()}`)
    } else {
      paragraph.push(line.trim())
    }
  }
  if (code !== null) blocks.push({ kind: 'code', text: code.join('\n') })
  end()
  return blocks
}

const marked =
  /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|(?<![\w*])\*([^*\s][^*]*)\*|(?<!\w)_([^_\s][^_]*)_(?!\w)|\[([^\]]+)\]\(([^)\s]+)\)/g

function parseInline(text: string): readonly Inline[] {
  const found: Inline[] = []
  let done = 0
  for (const match of text.matchAll(marked)) {
    if (match.index > done) found.push({ kind: 'text', text: text.slice(done, match.index) })
    const [whole, code, strong, strongToo, emphasis, emphasisToo, label, url] = match
    if (code !== undefined) found.push({ kind: 'code', text: code })
    else if (label !== undefined) found.push({ kind: 'link', text: label, url: url! })
    else if (strong !== undefined || strongToo !== undefined) {
      found.push({ kind: 'strong', text: (strong ?? strongToo)! })
    } else found.push({ kind: 'emphasis', text: (emphasis ?? emphasisToo)! })
    done = match.index + whole.length
  }
  if (done < text.length) found.push({ kind: 'text', text: text.slice(done) })
  return found
}
