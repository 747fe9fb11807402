import type { JSX } from 'preact'
import type { CommandView } from '../../../common/command/command-view.ts'
import type { ActionOutput } from '../../../common/command/result.ts'

/** What a command has said: while it runs what it wrote, then its steps and what it shows. */
export function CommandOutput({
  command: { result, written },
}: {
  readonly command: CommandView
}): JSX.Element {
  return (
    <div class="output">
      {result !== null && <p>{result.message}</p>}
      {result !== null && result.steps.length > 0 && (
        <ol class="steps">
          {result.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      {written !== '' && (
        <pre tabIndex={0} aria-label="What it wrote">
          {written}
        </pre>
      )}
      {(result?.output ?? []).map((output) => (
        <Output key={`${output.type} ${output.title}`} output={output} />
      ))}
    </div>
  )
}

function Output({ output }: { readonly output: ActionOutput }): JSX.Element {
  switch (output.type) {
    case 'text':
      return (
        <section aria-label={output.title}>
          <h4>{output.title}</h4>
          <pre tabIndex={0} aria-label={output.title}>
            {output.lines.join('\n')}
          </pre>
        </section>
      )
    case 'facts':
      return (
        <details>
          <summary>{output.title === '' ? 'The value for programs' : output.title}</summary>
          <pre tabIndex={0} aria-label="The value for programs">
            {JSON.stringify(output.facts, null, 2)}
          </pre>
        </details>
      )
    case 'table':
      return (
        <div class="scroll" tabIndex={0} role="region" aria-label={output.title}>
          <table>
            <caption>
              {output.title}
              {output.truncated && ' (cut)'}
            </caption>
            <thead>
              <tr>
                {output.columns.map(({ name, align }) => (
                  <th key={name} scope="col" class={align}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {output.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, column) => (
                    <td key={column} class={output.columns[column]?.align ?? 'left'}>
                      {cell ?? '–'}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )
  }
}
