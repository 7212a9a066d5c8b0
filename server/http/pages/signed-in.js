/**
 * What the pages of Ringside itself share: they say when nobody is signed in, and lead to the other pages that the
 * one who is signed in may use. It stands before the widget's script, whose first event it must hear.
 */
const MAY = { agent: [], supervisor: ['supervisor'], admin: ['supervisor', 'admin'] }

document.addEventListener('ringside-connection', ({ detail }) => {
  const { classList } = document.body
  if (detail.state === 'refused') classList.add('signed-out')
  else if (detail.state === 'open') classList.remove('signed-out')
})
document.addEventListener('ringside-ready', ({ detail }) => {
  const may = MAY[detail.role] ?? []
  for (const link of document.querySelectorAll('nav [data-for]')) {
    link.hidden = !may.includes(link.dataset.for)
  }
})
