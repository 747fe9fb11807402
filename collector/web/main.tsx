import './api/without-eval.ts'
import { render } from 'preact'
import { collectorClient } from './api/client.ts'
import { Page } from './page.tsx'
import { Gate } from './sign-in/gate.tsx'
import { createSession } from './sign-in/session.ts'
import { apiUrl, followLinks } from './state/route.ts'
import './state/theme.ts'

const root = document.getElementById('page')
if (root === null) throw new Error('index.html has no element #page')
const session = createSession(
  (input, init) => fetch(typeof input === 'string' ? apiUrl(input) : input, init),
  sessionStorage,
)
const client = collectorClient(session.fetch)
followLinks(document)
render(
  <Gate session={session}>
    <Page client={client} session={session} />
  </Gate>,
  root,
)
