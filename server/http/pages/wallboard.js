/**
 * A page for a screen on the wall: it keeps the screen awake, fills it, and is dark unless `?theme=light` says
 * otherwise. The widget on it only signs in.
 */
const root = document.documentElement
const widget = document.querySelector('ringside-widget')
const board = document.querySelector('ringside-wallboard')
const look = document.querySelector('#look')
const full = document.querySelector('#full')

show(new URLSearchParams(location.search).get('theme') === 'light')
look.addEventListener('click', () => {
  const isLight = !root.classList.contains('light')
  const address = new URL(location.href)
  if (isLight) address.searchParams.set('theme', 'light')
  else address.searchParams.delete('theme')
  // So that a reload, and whoever starts this screen in the morning, finds it as it was.
  history.replaceState(history.state, '', address)
  show(isLight)
})

full.hidden = !document.fullscreenEnabled
full.addEventListener('click', () => root.requestFullscreen().catch(() => undefined))

let mayLook = true
document.addEventListener('ringside-connection', ({ detail }) => {
  // Who signs in next may be somebody else.
  if (detail.state === 'refused') mayLook = true
  if (['refused', 'open'].includes(detail.state)) showButton(detail.state === 'refused' || !mayLook)
})
document.addEventListener('ringside-ready', ({ detail }) => {
  mayLook = detail.role !== 'agent'
  showButton(!mayLook)
})

document.addEventListener('visibilitychange', stayAwake)
stayAwake()

function show(isLight) {
  root.classList.toggle('light', isLight)
  look.textContent = isLight ? 'Dark' : 'Light'
  for (const element of [board, widget]) element.setAttribute('theme', isLight ? 'light' : 'dark')
}

/** The handset, by which one signs in and out. */
function showButton(isShown) {
  widget.setAttribute('hide', isShown ? 'popups call-bar' : 'launcher popups call-bar panel')
}

/** Browsers take it back whenever the page is hidden. */
async function stayAwake() {
  if (document.hidden) return
  const isKept = await (navigator.wakeLock?.request('screen') ?? Promise.reject()).then(
    () => true,
    () => false,
  )
  document.querySelector('#awake').hidden = isKept
}
