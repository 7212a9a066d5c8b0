/**
 * What the widget's elements say is in the browser's language where there are texts of it; what this page says
 * itself is English. It stands before the widget's script, which reads the language of the page.
 */
const LANGUAGES = ['en', 'ar', 'de', 'es', 'ru']
const languageOf = (tag) => tag.split('-')[0]

const wanted = navigator.languages.find((tag) => LANGUAGES.includes(languageOf(tag))) ?? 'en'
const page = document.documentElement
page.lang = wanted
page.dir = languageOf(wanted) === 'ar' ? 'rtl' : 'ltr'
