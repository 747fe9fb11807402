import { expect, test } from 'vitest'
import { parseMarkdown } from '../../../../../collector/web/board/text/markdown.ts'

const text = (words: string) => ({ kind: 'text', text: words })

test('headings, paragraphs, lists, code and rules are told apart', () => {
  const source = '# One\n\nTwo\nlines\n- a\n- b\n  more\n\n1. c\n\n---\n```\n*code*\n```'
  expect(parseMarkdown(source)).toEqual([
    { kind: 'heading', level: 1, content: [text('One')] },
    { kind: 'paragraph', content: [text('Two lines')] },
    { kind: 'list', isOrdered: false, items: [[text('a')], [text('b more')]] },
    { kind: 'list', isOrdered: true, items: [[text('c')]] },
    { kind: 'rule' },
    { kind: 'code', text: '*code*' },
  ])
})

test('within a line there are strong, emphasis, code and links', () => {
  expect(parseMarkdown('a **b** *c* `**d**` [e](/d/f) g_h_i')).toEqual([
    {
      kind: 'paragraph',
      content: [
        text('a '),
        { kind: 'strong', text: 'b' },
        text(' '),
        { kind: 'emphasis', text: 'c' },
        text(' '),
        { kind: 'code', text: '**d**' },
        text(' '),
        { kind: 'link', text: 'e', url: '/d/f' },
        text(' g_h_i'),
      ],
    },
  ])
})

test('HTML is text', () => {
  expect(parseMarkdown('<b onclick="x()">no</b>')).toEqual([
    { kind: 'paragraph', content: [text('<b onclick="x()">no</b>')] },
  ])
})
