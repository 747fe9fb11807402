import './api/without-eval.ts'
import { render } from 'preact'
import { collectorClient } from './api/client.ts'
import { Page } from './page.tsx'

const root = document.getElementById('page')
if (root === null) throw new Error('index.html has no element #page')
render(<Page client={collectorClient((input, init) => fetch(input, init))} />, root)
