/** English texts of the wallboard. */
export const enWallboard = {
  'wallboard.title': 'Wallboard',
  'wallboard.forSupervisors':
    'The wallboard is for supervisors and admins. Sign in as one of them, or ask an admin of your telephony.',
  'wallboard.signedOut':
    'This screen is signed out. Open the personal sign-in link of a supervisor on it, or paste the link: the button with the handset takes it.',
  'wallboard.live': 'Live',
  'wallboard.notLive': 'Not live since {at}',
  'wallboard.lost':
    'The telephony server is not reached. What you see is how it was then; this screen tries again by itself.',
  'wallboard.slept':
    'This screen was asleep. What you see is how it was then; it asks for what is now. Let the computer not sleep.',

  'wallboard.waiting': 'Calls waiting',
  'wallboard.longest': 'longest {duration}',
  'wallboard.overTarget': 'over {seconds} s',
  'wallboard.noQueue': 'Without a queue',
  'wallboard.queues': 'Waiting by queue',
  'wallboard.moreQueues': { one: '{count} more queue', other: '{count} more queues' },

  'wallboard.inProgress': 'Calls in progress',
  'wallboard.talkingIncoming': { one: '{count} incoming', other: '{count} incoming' },
  'wallboard.talkingOutgoing': { one: '{count} outgoing', other: '{count} outgoing' },
  'wallboard.onHold': { one: '{count} of them on hold', other: '{count} of them on hold' },
  'wallboard.dialling': { one: '{count} being dialled', other: '{count} being dialled' },

  'wallboard.agents': 'Agents',
  'wallboard.noAgents': 'No agent has an extension yet.',
  'wallboard.moreAgents': { one: '{count} more agent', other: '{count} more agents' },

  'wallboard.today': 'Today',
  'wallboard.incoming': 'Incoming',
  'wallboard.answered': 'Answered',
  'wallboard.missed': 'Missed',
  'wallboard.abandoned': 'Abandoned in a queue',
  'wallboard.serviceLevel': 'Service level',
  'wallboard.within': 'answered within {seconds} s',
  'wallboard.owed': 'Callbacks owed',
  'wallboard.oldest': 'oldest {time}',
  'wallboard.andMore': '{count} or more',
  'wallboard.none': 'none yet',
  'wallboard.figuresOld': 'How it was at {at}; newer figures cannot be read. Trying again.',
  'wallboard.figuresMissing': 'Today’s figures cannot be read. Trying again.',
} as const
