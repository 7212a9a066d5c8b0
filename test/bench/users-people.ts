import { fold } from '../../db/user-search.ts'
import type { UserFacts } from '../../db/users.ts'
import { createRandom } from '../support/random.ts'

interface Land {
  /** How often its people are among the users. */
  readonly share: number
  readonly prefix: string
  readonly first: readonly string[]
  /** Surnames are made of both: as many as a country has that nobody else has. */
  readonly stems: readonly string[]
  readonly ends: readonly string[]
  readonly cities: readonly string[]
}

const words = (text: string): readonly string[] => text.split(' ')

const LANDS: readonly Land[] = [
  {
    share: 0.3,
    prefix: '+1212',
    first: words(
      'James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah Charles Karen Christopher Nancy Daniel Lisa Matthew Betty Anthony Margaret Mark Sandra Donald Ashley Steven Kimberly Paul Emily Andrew Donna Joshua Michelle Kenneth Carol',
    ),
    stems: words(
      'Ander Robert John William Harri Ash Brad Carl Dal Ed Fair Gar Hamp Kings Lang Mal Nor Old Pres Rich Samp Stan Thorn Under Wal West Whit Win Wood York Black Green Hart Clay Stock Mill Brook Barn Cross Gold',
    ),
    ends: words('son ton s field ford ley man well by ham wood worth burn stone more land'),
    cities: words('Boston Chicago Denver Seattle London Dublin Leeds Bristol'),
  },
  {
    share: 0.2,
    prefix: '+4930',
    first: words(
      'Anna Lukas Katharina Jürgen Sophie Günter Maximilian Ursula Andreas Jörg Birgit Sebastian Hannah Matthias Sabine Florian Käthe Wolfgang Petra Dieter Monika Stefan Claudia Thorsten Heike Björn Renate Klaus',
    ),
    stems: words(
      'Schmid Müll Ober Nieder Bauer Hof Berg Lind Stein Kirch Wald Acker Rosen Eich Mühl Brück Feld Holz Kraut Sommer Winter Becken Breit Fried Groß Hinter Kalten Lang Neu Schön Weiß Zimmer',
    ),
    ends: words('t er mann bauer maier mayer hofer berger bach stein feld hausen huber wald brunn'),
    cities: words('Berlin München Köln Zürich Wien Hamburg Graz Düsseldorf'),
  },
  {
    share: 0.2,
    prefix: '+7916',
    first: words(
      'Иван Мария Пётр Анна Алексей Елена Дмитрий Ольга Сергей Наталья Андрей Татьяна Михаил Светлана Николай Екатерина Владимир Ирина Фёдор Людмила Юрий Галина Евгений Вера Павел Надежда',
    ),
    stems: words(
      'Иван Петр Сидор Кузнец Смирн Попов Соколь Лебед Козл Новик Морозк Волк Соловь Василь Зайц Павл Семен Голуб Виноград Богдан Воробь Федор Михайл Беля Тарас Белк Комар Орлик Киселенк Макар Андре Ковал Ильин Гус Титаренк Кузьмин Кудряв Баран Кулик',
    ),
    ends: words('ов ова ев ева ин ина ский ская енко ук ович ченко цев цева'),
    cities: words('Москва Минск Казань Самара Пермь Томск Гродно Брест'),
  },
  {
    share: 0.15,
    prefix: '+3491',
    first: words(
      'José María Antonio Carmen Manuel Josefa Francisco Isabel Juan Dolores Pedro Pilar Jesús Teresa Ángel Rosa Miguel Cristina Rafael Ángeles Fernando Antonia Luis Lucía Sergio Mercedes Pablo Rocío Jorge Raquel',
    ),
    stems: words(
      'Gonzál Rodrígu Fernánd Lóp Martín Sánch Pér Góm Jimén Ru Hernánd Día Álvar Moren Muño Alons Gutiérr Romer Navarr Torr Domíngu Vázqu Ram Gil Serran Blanc Molin Castr Ort Rub Mor Delgad',
    ),
    ends: words('ez es o os ada ero al ín ano edo illo eño'),
    cities: words('Madrid Sevilla Bogotá Lima Valencia Málaga Quito Córdoba'),
  },
  {
    share: 0.1,
    prefix: '+4822',
    first: words(
      'Agnieszka Piotr Krzysztof Małgorzata Andrzej Katarzyna Tomasz Barbara Paweł Ewa Michał Krystyna Marcin Elżbieta Grzegorz Zofia Łukasz Joanna Wojciech Jadwiga',
    ),
    stems: words(
      'Kowal Wiśniew Kamiń Lewandow Zieliń Szymań Dąbrow Kozłow Jankow Mazur Wojciechow Kwiatkow Krawcz Kaczmar Piotrow Grabow Pawłow Michal Nowakow Adamcz Dudz Wieczor Jabłoń Majew',
    ),
    ends: words('ski ska czyk ek ak icz yk ewski owska ik'),
    cities: words('Warszawa Kraków Łódź Wrocław Poznań Gdańsk'),
  },
  {
    share: 0.05,
    prefix: '+90212',
    first: words(
      'Mehmet Ayşe Mustafa Fatma Ahmet Emine Ali Hatice Hüseyin Zeynep Hasan Elif İbrahim Meryem Osman Şerife Yusuf Sultan Murat Gülşen',
    ),
    stems: words(
      'Yıl Dem Şah Çel Öz Kay Ayd Arsl Doğ Kıl Asl Çet Kor Kurt Ün Ay Güneş Ak Er Toprak',
    ),
    ends: words('maz ir in ik türk a ın an ıç lan kan kurt er alp han soy oğlu demir'),
    cities: words('İstanbul Ankara İzmir Bursa Antalya'),
  },
]

const FIRMS = words(
  'Northwind Bluebird Evergreen Silverline Oakridge Brightwater Redstone Sunrise Clearview Ironbridge Whitestone Riverside Highland Lakeshore Greenfield Stonegate Westbrook Maplewood Fairview Goldcrest Harborview Kingfisher Larkspur Moonlight Nightingale Orchard Primrose Quicksilver Rosewood Summit',
)
const TRADES = words(
  'Logistics Bakery Consulting Dental Motors Software Textiles Insurance Printing Plumbing Electronics Pharmacy Travel Furniture Architects Catering Security Machinery Optics Florists',
)
const FORMS = words('GmbH Ltd Inc SA OOO LLC AG')
const SAID = words(
  'prefers calls after lunch asked about invoice wants delivery before noon changed address moved last spring speaks only French complained twice about billing needs wheelchair access neighbour has keys pays by card never on Fridays important customer since long friend of manager waits for quotation contract ends soon renewed yearly printer broken second floor ring twice',
)

const SYLLABLES = words(
  'ba ri mo len do sa ku ti vor ne gal pe shi ran lo dze mi tar hu bel ko nu wic fa jo',
)

/** A user as a helpdesk knows them, and where they are from. */
export interface Person {
  readonly index: number
  readonly id: string
  readonly facts: UserFacts
}

/** The person with this number in this town: the same for the same seed. */
export function personAt(seed: number, index: number): Person {
  const random = createRandom(seed * 31 + index * 2_654_435)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  // Some names are borne by many, most by few.
  const often = <T>(items: readonly T[]): T => items[Math.floor(random() ** 2 * items.length)]!
  const land = landAt(random())
  // A third of the people have a surname that nearly nobody has.
  const middle = random() < 0.33 ? `${pick(SYLLABLES)}${pick(SYLLABLES)}` : ''
  const name = `${often(land.first)} ${often(land.stems)}${middle}${often(land.ends)}`
  const number = `${land.prefix}${String(index).padStart(7, '0')}`
  const mail = `${fold(name).replaceAll(' ', '.')}${index % 97}@${pick(FIRMS).toLowerCase()}.example`
  return {
    index,
    id: `user-${String(index).padStart(9, '0')}`,
    facts: {
      externalId: `crm-${index}`,
      name,
      email: random() < 0.7 ? mail : null,
      company: random() < 0.4 ? companyOf(index, pick, often) : null,
      phones: [phone(number), ...(random() < 0.2 ? [phone(`${number}9`)] : [])],
      note: random() < 0.3 ? Array.from({ length: 6 }, () => pick(SAID)).join(' ') : '',
      fields: {
        contract: `ZX-${String((index * 7919) % 10_000_000).padStart(7, '0')}`,
        ...(random() < 0.5 ? { city: pick(land.cities) } : {}),
      },
    },
  }
}

function landAt(at: number): Land {
  let sum = 0
  for (const land of LANDS) {
    sum += land.share
    if (sum > at) return land
  }
  return LANDS[0]!
}

/** Some work for the same firm, as colleagues do: a firm's number is part of its name. */
function companyOf(index: number, pick: <T>(items: readonly T[]) => T, often: typeof pick): string {
  return `${often(FIRMS)} ${often(TRADES)} ${pick(FORMS)}${index % 3 === 0 ? '' : ` ${pick(['Nord', 'Süd', 'West', 'Восток'])}`}`
}

function phone(e164: string): UserFacts['phones'][number] {
  const display = `${e164.slice(0, 3)} ${e164.slice(3, 6)} ${e164.slice(6, 9)}-${e164.slice(9)}`
  return { raw: e164, e164, display, key: e164 }
}
