/** A page for admins: it does what any page can do with `<ringside-settings>` and a widget that signs in. */
document.addEventListener('ringside-connection', ({ detail }) => {
  const { classList } = document.body
  if (detail.state === 'refused') classList.add('signed-out')
  else if (detail.state === 'open') classList.remove('signed-out')
})
