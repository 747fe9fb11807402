import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { lintKeymap } from '@codemirror/lint'
import { EditorState, Prec } from '@codemirror/state'
import { EditorView, keymap, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { PromQLExtension } from '@prometheus-io/codemirror-promql'
import type { CollectorClient } from '../api/client.ts'
import { promqlClient } from './promql-client.ts'

export interface EditorOptions {
  readonly client: CollectorClient
  readonly label: string
  readonly value: string
  readonly change: (text: string) => void
  readonly run: () => void
}

export interface Editor extends Disposable {
  focus(): void
  /** Puts another text in, unless it is there already. */
  set(text: string): void
}

const theme = EditorView.theme({
  '&': {
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
    border: '1px solid var(--border)',
    borderRadius: '6px',
    fontSize: '14px',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-content': {
    padding: '7px 4px',
    caretColor: 'var(--text)',
    fontFamily: 'ui-monospace, monospace',
  },
  '.cm-placeholder': { color: 'var(--text-soft)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 25%, transparent) !important',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--calm-soft)' },
  '.cm-tooltip': {
    border: '1px solid var(--border)',
    borderRadius: '6px',
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
    boxShadow: '0 6px 24px rgb(0 0 0 / 25%)',
  },
  '.cm-tooltip.cm-completionInfo': { maxWidth: '320px', padding: '6px 8px', whiteSpace: 'normal' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'ui-monospace, monospace', maxHeight: '260px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    color: 'var(--on-accent)',
    backgroundColor: 'var(--accent)',
  },
  '.cm-completionDetail': { marginLeft: '10px', fontStyle: 'normal', opacity: '0.85' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
  },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--bad)' },
})

const colours = HighlightStyle.define([
  { tag: tags.labelName, color: 'var(--series-2)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--series-3)' },
  { tag: tags.number, color: 'var(--series-5)' },
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.function(tags.variableName)],
    color: 'var(--accent)',
  },
  { tag: tags.comment, color: 'var(--text-soft)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--bad)' },
])

/** An editor within `host`; Ctrl-Enter and Shift-Enter run what is written, Enter too where it completes nothing. */
export function createEditor(
  host: HTMLElement,
  { client, label, value, change, run }: EditorOptions,
): Editor {
  const gone = new AbortController()
  const promql = new PromQLExtension().setComplete({
    remote: promqlClient(client, () => Date.now() + client.clockOffsetMs(), gone.signal),
  })
  const runs = (): boolean => {
    run()
    return true
  }
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: value,
      extensions: [
        theme,
        syntaxHighlighting(colours),
        history(),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label }),
        placeholder('sum by (cls) (rate(pg_db_xact_commit[5m]))'),
        promql.asExtension(),
        Prec.highest(
          keymap.of([
            { key: 'Ctrl-Enter', run: runs },
            { key: 'Cmd-Enter', run: runs },
            { key: 'Shift-Enter', run: runs },
          ]),
        ),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap]),
        // Below the keys of the completion, which take Enter while their list is open.
        keymap.of([{ key: 'Enter', run: runs }, ...defaultKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) change(update.state.doc.toString())
        }),
      ],
    }),
  })
  return {
    focus: () => view.focus(),
    set: (text) => {
      const present = view.state.doc.toString()
      if (text !== present) view.dispatch({ changes: { from: 0, to: present.length, insert: text } })
    },
    [Symbol.dispose]: () => {
      gone.abort()
      promql.destroy()
      view.destroy()
    },
  }
}
