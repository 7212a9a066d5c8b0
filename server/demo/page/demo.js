/** The demo page: who one is, the widget with that person's token, and buttons that play calls. */

const RENEW_MS = 10 * 60_000
const AGENTS = ['anna', 'boris', 'clara']

const said = document.querySelector('.said')
const choices = [...document.querySelectorAll('input[name=as]')]

/** Who one is stands in the address: each window can be somebody else. */
function chosen() {
  const name = location.hash.slice(1)
  return AGENTS.includes(name) ? name : 'anna'
}

function say(text) {
  said.textContent = text
}

async function post(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.ok) return response.json()
  if (response.status === 401 || response.status === 403) {
    throw new Error('The demo works on the machine that Ringside runs on: open it as localhost.')
  }
  const problem = await response.json().catch(() => ({}))
  throw new Error(problem.detail ?? `The server answered ${response.status}.`)
}

async function signIn() {
  const as = chosen()
  for (const choice of choices) choice.checked = choice.value === as
  const { token, name, extension } = await post('/demo/session', { as })
  // Somebody else was chosen meanwhile.
  if (as !== chosen()) return
  embed(token)
  say(`You are ${name}, extension ${extension}.`)
}

/** The one tag that a helpdesk adds to its pages; afterwards only the token changes. */
function embed(token) {
  const widget = document.querySelector('ringside-widget')
  if (widget !== null) {
    widget.setAttribute('token', token)
    return
  }
  document.querySelector('script[src="/widget.js"]')?.remove()
  const script = document.createElement('script')
  script.type = 'module'
  script.src = '/widget.js'
  script.dataset.token = token
  document.body.append(script)
}

async function play(button) {
  const { seconds } = await post('/demo/play', { scenario: button.dataset.play, as: chosen() })
  const kind = button.closest('fieldset').querySelector('legend').textContent
  say(`Playing: ${kind}, ${button.textContent} (${seconds} s).`)
}

function tried(work) {
  work.catch((error) => say(error.message))
}

for (const choice of choices) {
  choice.addEventListener('change', () => {
    location.hash = choice.value
  })
}
for (const button of document.querySelectorAll('[data-play]')) {
  button.addEventListener('click', () => tried(play(button)))
}
window.addEventListener('hashchange', () => tried(signIn()))
setInterval(() => tried(signIn()), RENEW_MS)
tried(signIn())
