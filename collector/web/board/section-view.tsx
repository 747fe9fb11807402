import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { PlacedSection } from './layout/repeat.ts'
import { PanelFrame } from './panel-frame.tsx'
import { expand } from './variables/expand.ts'

/** A row of a board with its panels; the title folds it, and what is folded asks nothing. */
export function SectionView({
  section,
  enlarged,
}: {
  readonly section: PlacedSection
  readonly enlarged: string | null
}): JSX.Element | null {
  const [isFolded, setFolded] = useState(section.isFolded)
  const title = expand(section.title, { selections: section.selections, texts: new Map() }, 'text')
  const only = section.panels.find(({ key }) => key === enlarged)
  if (enlarged !== null) {
    if (only === undefined) return null
    return (
      <div class="board-grid">
        <PanelFrame key={only.key} placed={{ ...only, x: 0, y: 0, w: 24 }} />
      </div>
    )
  }
  return (
    <section class="board-section" aria-label={title === '' ? undefined : title}>
      {title !== '' && (
        <h2>
          <button type="button" aria-expanded={!isFolded} onClick={() => setFolded(!isFolded)}>
            <span class="fold-sign" aria-hidden="true">
              {isFolded ? '▸' : '▾'}
            </span>{' '}
            {title}
            {isFolded && (
              <span class="soft">
                {' '}
                {section.panels.length} {section.panels.length === 1 ? 'panel' : 'panels'}
              </span>
            )}
          </button>
        </h2>
      )}
      {!isFolded && (
        <div class="board-grid">
          {section.panels.map((placed) => (
            <PanelFrame key={placed.key} placed={placed} />
          ))}
        </div>
      )}
    </section>
  )
}
