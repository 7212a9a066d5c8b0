/**
 * A page for agents whose helpdesk has none: it does what any page can do with the widget's elements and events.
 * The case that is open stands in the address, so that reloading and going back work.
 */
const place = document.querySelector('#place')

document.addEventListener('ringside-open-case', (event) => {
  event.preventDefault()
  const { caseId } = event.detail
  if (caseId !== caseInAddress()) history.pushState(null, '', `#${encodeURIComponent(caseId)}`)
  show()
  place.focus()
})
document.querySelector('#back').addEventListener('click', (event) => {
  event.preventDefault()
  history.pushState(null, '', location.pathname)
  show()
  document.querySelector('ringside-case-list').focus()
})
addEventListener('popstate', show)
show()

function caseInAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1))
  } catch {
    // Typed by hand, and no address of a case.
    return ''
  }
}

function show() {
  const caseId = caseInAddress()
  document.body.classList.toggle('has-case', caseId !== '')
  const shown = place.querySelector('ringside-case')
  if (shown?.getAttribute('case-id') === caseId) return
  // Another case is another element: what was being typed in the one before is not for this one.
  shown?.remove()
  if (caseId === '') return
  const element = document.createElement('ringside-case')
  element.setAttribute('case-id', caseId)
  place.append(element)
}
