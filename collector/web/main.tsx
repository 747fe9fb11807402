import './api/without-eval.ts'
import { render } from 'preact'
import { collectorClient } from './api/client.ts'
import { Page } from './page.tsx'
import { Gate } from './sign-in/gate.tsx'
import { createSession } from './sign-in/session.ts'
import { apiUrl } from './state/route.ts'

const root = document.getElementById('page')
if (root === null) throw new Error('index.html has no element #page')
const session = createSession(
  (input, init) => fetch(typeof input === 'string' ? apiUrl(input) : input, init),
  sessionStorage,
)
const client = collectorClient(session.fetch)
render(
  <Gate session={session}>
    <Page client={client} />
  </Gate>,
  root,
)
