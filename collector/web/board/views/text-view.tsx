import type { JSX } from 'preact'
import type { z } from 'zod'
import type { textOptions } from '../model/panel-kind.ts'
import { destinationOf } from '../links/address.ts'
import { LinkTo } from '../links/link-to.tsx'
import { parseMarkdown } from '../text/markdown.ts'
import type { Block, Inline } from '../text/markdown.ts'
import { expand } from '../variables/expand.ts'
import type { Scope } from '../variables/expand.ts'

/** A text of the board; never HTML, whatever it says. */
export function TextView({
  options,
  scope,
}: {
  readonly options: z.infer<typeof textOptions>
  readonly scope: Scope
}): JSX.Element {
  const text = expand(options.content, scope, 'text')
  if (options.mode === 'code') return <pre class="text-panel">{text}</pre>
  return (
    <div class="text-panel">
      {parseMarkdown(text).map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </div>
  )
}

function BlockView({ block }: { readonly block: Block }): JSX.Element {
  switch (block.kind) {
    case 'heading': {
      // The board and its rows are above.
      const Heading = block.level <= 1 ? 'h4' : block.level === 2 ? 'h5' : 'h6'
      return (
        <Heading>
          <Line content={block.content} />
        </Heading>
      )
    }
    case 'paragraph':
      return (
        <p>
          <Line content={block.content} />
        </p>
      )
    case 'list': {
      const items = block.items.map((item, index) => (
        <li key={index}>
          <Line content={item} />
        </li>
      ))
      return block.isOrdered ? <ol>{items}</ol> : <ul>{items}</ul>
    }
    case 'code':
      return <pre>{block.text}</pre>
    case 'rule':
      return <hr />
  }
}

function Line({ content }: { readonly content: readonly Inline[] }): JSX.Element {
  return (
    <>
      {content.map((piece, index) => (
        <Piece key={index} piece={piece} />
      ))}
    </>
  )
}

function Piece({ piece }: { readonly piece: Inline }): JSX.Element {
  switch (piece.kind) {
    case 'text':
      return <>{piece.text}</>
    case 'strong':
      return <strong>{piece.text}</strong>
    case 'emphasis':
      return <em>{piece.text}</em>
    case 'code':
      return <code>{piece.text}</code>
    case 'link': {
      const destination = destinationOf(piece.url)
      if (destination === null) return <>{piece.text}</>
      return <LinkTo to={{ title: '', destination, isNewTab: false }}>{piece.text}</LinkTo>
    }
  }
}
