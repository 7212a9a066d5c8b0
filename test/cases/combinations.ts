/**
 * What becomes of a call: direction × answered × what the agent did × who calls × whether that
 * person has an open missed-call case. One line, one cell, written down from the rules and not
 * computed; `combinations.test.ts` plays every cell on a real server.
 *
 *   direction answered did user missed | case, subject, status handset assignee messages "text" |
 *   what became of the open missed-call case | the user | meanwhile | rules
 *
 * "case" is where the call's message is at the end: `new`, the `earlier` case that was chosen, or
 * the `missed`-call case. "meanwhile" is status and handset of that case after each step of the
 * call once it was chosen. A slash in the text is a new line. An anonymous caller's open missed-call case is another caller's.
 */
export const COMBINATIONS = `
incoming answered   nothing       known     -   | new, Incoming call from [phone], open green anna 1 "" | | kept | | CASE-4
incoming answered   nothing       known     red | new, Incoming call from [phone], open green anna 1 "" | closed red at the end | kept | | CASE-4 CASE-8
incoming answered   nothing       unknown   -   | new, Incoming call from [phone], open green anna 1 "" | | created | | CASE-4 USER-3
incoming answered   nothing       unknown   red | new, Incoming call from [phone], open green anna 1 "" | closed red at the end | kept | | CASE-4 CASE-8 USER-3
incoming answered   nothing       several   -   | new, Incoming call from [phone], open green anna 1 "" | | none | | CASE-4 USER-3
incoming answered   nothing       several   red | new, Incoming call from [phone], open green anna 1 "" | closed red at the end | none | | CASE-4 CASE-8 USER-3
incoming answered   nothing       anonymous -   | new, Incoming call from an anonymous number, open green anna 1 "" | | none | | CASE-4 CALL-15 USER-3
incoming answered   nothing       anonymous red | new, Incoming call from an anonymous number, open green anna 1 "" | open red | none | | CASE-4 CALL-15 CASE-18

incoming answered   draft         known     -   | new, Draft subject, pending green anna 1 "Draft essence" | | kept | | CASE-3 CASE-4
incoming answered   draft         known     red | new, Draft subject, pending green anna 1 "Draft essence" | closed red at the end | kept | | CASE-3 CASE-4 CASE-8
incoming answered   draft         unknown   -   | new, Draft subject, pending green anna 1 "Draft essence" | | created | | CASE-3 CASE-4 USER-3
incoming answered   draft         unknown   red | new, Draft subject, pending green anna 1 "Draft essence" | closed red at the end | kept | | CASE-3 CASE-4 CASE-8
incoming answered   draft         several   -   | new, Draft subject, pending green anna 1 "Draft essence" | | none | | CASE-3 CASE-4 USER-3
incoming answered   draft         several   red | new, Draft subject, pending green anna 1 "Draft essence" | closed red at the end | none | | CASE-3 CASE-4 CASE-8 USER-3
incoming answered   draft         anonymous -   | new, Draft subject, pending green anna 1 "Draft essence" | | none | | CASE-3 CASE-4 USER-3
incoming answered   draft         anonymous red | new, Draft subject, pending green anna 1 "Draft essence" | open red | none | | CASE-3 CASE-4 CASE-18

incoming answered   created       known     -   | new, Created subject, pending green anna 1 "Created essence" | | kept | open green | CASE-1 CASE-5
incoming answered   created       known     red | new, Created subject, pending green anna 1 "Created essence" | closed red when created | kept | open green | CASE-1 CASE-5 CASE-8
incoming answered   created       unknown   -   | new, Created subject, pending green anna 1 "Created essence" | | created | open green | CASE-1 CASE-5 USER-3
incoming answered   created       unknown   red | new, Created subject, pending green anna 1 "Created essence" | closed red when created | kept | open green | CASE-1 CASE-5 CASE-8
incoming answered   created       several   -   | new, Created subject, pending green anna 1 "Created essence" | | none | open green | CASE-1 CASE-5 USER-3
incoming answered   created       several   red | new, Created subject, pending green anna 1 "Created essence" | closed red when created | none | open green | CASE-1 CASE-5 CASE-8 USER-3
incoming answered   created       anonymous -   | new, Created subject, pending green anna 1 "Created essence" | | none | open green | CASE-1 CASE-5 USER-3
incoming answered   created       anonymous red | new, Created subject, pending green anna 1 "Created essence" | open red | none | open green | CASE-1 CASE-5 CASE-18

incoming answered   fixed-open    known     -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | kept | open green | CASE-2 CASE-5
incoming answered   fixed-open    known     red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when fixed | kept | open green | CASE-2 CASE-5 CASE-8
incoming answered   fixed-open    unknown   -   | 409 other-user, then new, Incoming call from [phone], open green anna 1 "" | | created | | USER-4 CASE-4
incoming answered   fixed-open    unknown   red | 409 other-user, then new, Incoming call from [phone], open green anna 1 "" | closed red at the end | kept | | USER-4 CASE-4 CASE-8
incoming answered   fixed-open    several   -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | none | open green | CASE-2 CASE-5 USER-3
incoming answered   fixed-open    several   red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when fixed | none | open green | CASE-2 CASE-5 CASE-8 USER-3
incoming answered   fixed-open    anonymous -   | 409 other-user, then new, Incoming call from an anonymous number, open green anna 1 "" | | none | | USER-4 CASE-4
incoming answered   fixed-open    anonymous red | 409 other-user, then new, Incoming call from an anonymous number, open green anna 1 "" | open red | none | | USER-4 CASE-4 CASE-18

incoming answered   fixed-pending known     -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | kept | pending green | CASE-2 CASE-5
incoming answered   fixed-pending known     red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when fixed | kept | pending green | CASE-2 CASE-5 CASE-8
incoming answered   fixed-pending unknown   -   | 409 other-user, then new, Incoming call from [phone], open green anna 1 "" | | created | | USER-4 CASE-4
incoming answered   fixed-pending unknown   red | 409 other-user, then new, Incoming call from [phone], open green anna 1 "" | closed red at the end | kept | | USER-4 CASE-4 CASE-8
incoming answered   fixed-pending several   -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | none | pending green | CASE-2 CASE-5 USER-3
incoming answered   fixed-pending several   red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when fixed | none | pending green | CASE-2 CASE-5 CASE-8 USER-3
incoming answered   fixed-pending anonymous -   | 409 other-user, then new, Incoming call from an anonymous number, open green anna 1 "" | | none | | USER-4 CASE-4
incoming answered   fixed-pending anonymous red | 409 other-user, then new, Incoming call from an anonymous number, open green anna 1 "" | open red | none | | USER-4 CASE-4 CASE-18

incoming answered   fixed-closed  known     -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | kept | open green | CASE-2 CASE-5 CASE-12
incoming answered   fixed-closed  known     red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when fixed | kept | open green | CASE-2 CASE-5 CASE-8 CASE-12
incoming answered   fixed-closed  unknown   -   | 409 other-user, then new, Incoming call from [phone], open green anna 1 "" | | created | | USER-4 CASE-4
incoming answered   fixed-closed  unknown   red | 409 other-user, then new, Incoming call from [phone], open green anna 1 "" | closed red at the end | kept | | USER-4 CASE-4 CASE-8
incoming answered   fixed-closed  several   -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | none | open green | CASE-2 CASE-5 CASE-12 USER-3
incoming answered   fixed-closed  several   red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when fixed | none | open green | CASE-2 CASE-5 CASE-8 CASE-12 USER-3
incoming answered   fixed-closed  anonymous -   | 409 other-user, then new, Incoming call from an anonymous number, open green anna 1 "" | | none | | USER-4 CASE-4
incoming answered   fixed-closed  anonymous red | 409 other-user, then new, Incoming call from an anonymous number, open green anna 1 "" | open red | none | | USER-4 CASE-4 CASE-18

incoming answered   fixed-missed  known     -   | impossible: there is no missed-call case to choose
incoming answered   fixed-missed  known     red | missed, Missed call from [phone], pending green anna 2 "Fixed essence" | the call's own | kept | open green | CASE-2 CASE-5 CASE-7 CASE-9
incoming answered   fixed-missed  unknown   -   | impossible: there is no missed-call case to choose
incoming answered   fixed-missed  unknown   red | missed, Missed call from [phone], pending green anna 2 "Fixed essence" | the call's own | kept | open green | CASE-2 CASE-5 CASE-7 CASE-9
incoming answered   fixed-missed  several   -   | impossible: there is no missed-call case to choose
incoming answered   fixed-missed  several   red | missed, Missed call from [phone], pending green anna 2 "Fixed essence" | the call's own | none | open green | CASE-2 CASE-5 CASE-7 CASE-9 USER-3
incoming answered   fixed-missed  anonymous -   | impossible: there is no missed-call case to choose
incoming answered   fixed-missed  anonymous red | 409 other-user, then new, Incoming call from an anonymous number, open green anna 1 "" | open red | none | | CALL-15 USER-4 CASE-18

incoming unanswered nothing       known     -   | new, Missed call from [phone], open red nobody 1 "" | | kept | | CASE-4
incoming unanswered nothing       known     red | missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-6
incoming unanswered nothing       unknown   -   | new, Missed call from [phone], open red nobody 1 "" | | created | | CASE-4 USER-3
incoming unanswered nothing       unknown   red | missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-6 USER-3
incoming unanswered nothing       several   -   | new, Missed call from [phone], open red nobody 1 "" | | none | | CASE-4 USER-3
incoming unanswered nothing       several   red | missed, Missed call from [phone], open red nobody 2 "" | the call's own | none | | CASE-6 USER-3
incoming unanswered nothing       anonymous -   | new, Missed call from an anonymous number, open red nobody 1 "" | | none | | CASE-4 CASE-18
incoming unanswered nothing       anonymous red | new, Missed call from an anonymous number, open red nobody 1 "" | open red | none | | CASE-4 CASE-18

incoming unanswered draft         known     -   | new, Missed call from [phone], open red nobody 1 "Draft subject / Draft essence" | | kept | | CASE-3 CASE-4
incoming unanswered draft         known     red | missed, Missed call from [phone], open red nobody 2 "Draft subject / Draft essence" | the call's own | kept | | CASE-3 CASE-4 CASE-6
incoming unanswered draft         unknown   -   | new, Missed call from [phone], open red nobody 1 "Draft subject / Draft essence" | | created | | CASE-3 CASE-4 USER-3
incoming unanswered draft         unknown   red | missed, Missed call from [phone], open red nobody 2 "Draft subject / Draft essence" | the call's own | kept | | CASE-3 CASE-4 CASE-6
incoming unanswered draft         several   -   | new, Missed call from [phone], open red nobody 1 "Draft subject / Draft essence" | | none | | CASE-3 CASE-4 USER-3
incoming unanswered draft         several   red | missed, Missed call from [phone], open red nobody 2 "Draft subject / Draft essence" | the call's own | none | | CASE-3 CASE-4 CASE-6 USER-3
incoming unanswered draft         anonymous -   | new, Missed call from an anonymous number, open red nobody 1 "Draft subject / Draft essence" | | none | | CASE-3 CASE-4 CASE-18
incoming unanswered draft         anonymous red | new, Missed call from an anonymous number, open red nobody 1 "Draft subject / Draft essence" | open red | none | | CASE-3 CASE-4 CASE-18

incoming unanswered created       known     -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | kept | | CASE-1 CASE-4
incoming unanswered created       known     red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-1 CASE-6
incoming unanswered created       unknown   -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | created | | CASE-1 CASE-4 USER-3
incoming unanswered created       unknown   red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-1 CASE-6
incoming unanswered created       several   -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | none | | CASE-1 CASE-4 USER-3
incoming unanswered created       several   red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | none | | CASE-1 CASE-6 USER-3
incoming unanswered created       anonymous -   | 409 not-answered, then new, Missed call from an anonymous number, open red nobody 1 "" | | none | | CASE-1 CASE-4 CASE-18
incoming unanswered created       anonymous red | 409 not-answered, then new, Missed call from an anonymous number, open red nobody 1 "" | open red | none | | CASE-1 CASE-4 CASE-18

incoming unanswered fixed-open    known     -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | kept | | CASE-2 CASE-4
incoming unanswered fixed-open    known     red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-2 CASE-6
incoming unanswered fixed-open    unknown   -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | created | | CASE-2 CASE-4 USER-3
incoming unanswered fixed-open    unknown   red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-2 CASE-6
incoming unanswered fixed-open    several   -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | none | | CASE-2 CASE-4 USER-3
incoming unanswered fixed-open    several   red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | none | | CASE-2 CASE-6 USER-3
incoming unanswered fixed-open    anonymous -   | 409 not-answered, then new, Missed call from an anonymous number, open red nobody 1 "" | | none | | CASE-2 CASE-4 CASE-18
incoming unanswered fixed-open    anonymous red | 409 not-answered, then new, Missed call from an anonymous number, open red nobody 1 "" | open red | none | | CASE-2 CASE-4 CASE-18

incoming unanswered fixed-pending known     -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | kept | | CASE-2 CASE-4
incoming unanswered fixed-pending known     red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-2 CASE-6
incoming unanswered fixed-pending unknown   -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | created | | CASE-2 CASE-4 USER-3
incoming unanswered fixed-pending unknown   red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-2 CASE-6
incoming unanswered fixed-pending several   -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | none | | CASE-2 CASE-4 USER-3
incoming unanswered fixed-pending several   red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | none | | CASE-2 CASE-6 USER-3
incoming unanswered fixed-pending anonymous -   | 409 not-answered, then new, Missed call from an anonymous number, open red nobody 1 "" | | none | | CASE-2 CASE-4 CASE-18
incoming unanswered fixed-pending anonymous red | 409 not-answered, then new, Missed call from an anonymous number, open red nobody 1 "" | open red | none | | CASE-2 CASE-4 CASE-18

incoming unanswered fixed-closed  known     -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | kept | | CASE-2 CASE-4
incoming unanswered fixed-closed  known     red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-2 CASE-6
incoming unanswered fixed-closed  unknown   -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | created | | CASE-2 CASE-4 USER-3
incoming unanswered fixed-closed  unknown   red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-2 CASE-6
incoming unanswered fixed-closed  several   -   | 409 not-answered, then new, Missed call from [phone], open red nobody 1 "" | | none | | CASE-2 CASE-4 USER-3
incoming unanswered fixed-closed  several   red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | none | | CASE-2 CASE-6 USER-3
incoming unanswered fixed-closed  anonymous -   | 409 not-answered, then new, Missed call from an anonymous number, open red nobody 1 "" | | none | | CASE-2 CASE-4 CASE-18
incoming unanswered fixed-closed  anonymous red | 409 not-answered, then new, Missed call from an anonymous number, open red nobody 1 "" | open red | none | | CASE-2 CASE-4 CASE-18

incoming unanswered fixed-missed  known     -   | impossible: there is no missed-call case to choose
incoming unanswered fixed-missed  known     red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-2 CASE-6
incoming unanswered fixed-missed  unknown   -   | impossible: there is no missed-call case to choose
incoming unanswered fixed-missed  unknown   red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-2 CASE-6
incoming unanswered fixed-missed  several   -   | impossible: there is no missed-call case to choose
incoming unanswered fixed-missed  several   red | 409 not-answered, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | none | | CASE-2 CASE-6 USER-3
incoming unanswered fixed-missed  anonymous -   | impossible: there is no missed-call case to choose
incoming unanswered fixed-missed  anonymous red | 409 not-answered, then new, Missed call from an anonymous number, open red nobody 1 "" | open red | none | | CASE-2 CASE-4 CASE-18

outgoing answered   nothing       known     -   | new, Outgoing call to [phone], closed green anna 1 "" | | kept | | CASE-4 CASE-11
outgoing answered   nothing       known     red | new, Outgoing call to [phone], closed green anna 1 "" | closed red at the end | kept | | CASE-4 CASE-8 CASE-11
outgoing answered   nothing       unknown   -   | new, Outgoing call to [phone], closed green anna 1 "" | | created | | CASE-4 CASE-11 USER-3
outgoing answered   nothing       unknown   red | new, Outgoing call to [phone], closed green anna 1 "" | closed red at the end | kept | | CASE-4 CASE-8 CASE-11
outgoing answered   nothing       several   -   | new, Outgoing call to [phone], closed green anna 1 "" | | none | | CASE-4 CASE-11 USER-3
outgoing answered   nothing       several   red | new, Outgoing call to [phone], closed green anna 1 "" | closed red at the end | none | | CASE-4 CASE-8 CASE-11 USER-3
outgoing answered   nothing       anonymous -   | impossible: nobody can dial an anonymous number
outgoing answered   nothing       anonymous red | impossible: nobody can dial an anonymous number

outgoing answered   draft         known     -   | new, Draft subject, pending green anna 1 "Draft essence" | | kept | | CASE-3 CASE-4
outgoing answered   draft         known     red | new, Draft subject, pending green anna 1 "Draft essence" | closed red at the end | kept | | CASE-3 CASE-4 CASE-8
outgoing answered   draft         unknown   -   | new, Draft subject, pending green anna 1 "Draft essence" | | created | | CASE-3 CASE-4 USER-3
outgoing answered   draft         unknown   red | new, Draft subject, pending green anna 1 "Draft essence" | closed red at the end | kept | | CASE-3 CASE-4 CASE-8
outgoing answered   draft         several   -   | new, Draft subject, pending green anna 1 "Draft essence" | | none | | CASE-3 CASE-4 USER-3
outgoing answered   draft         several   red | new, Draft subject, pending green anna 1 "Draft essence" | closed red at the end | none | | CASE-3 CASE-4 CASE-8 USER-3
outgoing answered   draft         anonymous -   | impossible: nobody can dial an anonymous number
outgoing answered   draft         anonymous red | impossible: nobody can dial an anonymous number

outgoing answered   created       known     -   | new, Created subject, pending green anna 1 "Created essence" | | kept | open green, open green | CASE-1 CASE-5
outgoing answered   created       known     red | new, Created subject, pending green anna 1 "Created essence" | closed red when answered | kept | open green, open green | CASE-1 CASE-5 CASE-8
outgoing answered   created       unknown   -   | new, Created subject, pending green anna 1 "Created essence" | | created | open green, open green | CASE-1 CASE-5 USER-3
outgoing answered   created       unknown   red | new, Created subject, pending green anna 1 "Created essence" | closed red when answered | kept | open green, open green | CASE-1 CASE-5 CASE-8
outgoing answered   created       several   -   | new, Created subject, pending green anna 1 "Created essence" | | none | open green, open green | CASE-1 CASE-5 USER-3
outgoing answered   created       several   red | new, Created subject, pending green anna 1 "Created essence" | closed red when answered | none | open green, open green | CASE-1 CASE-5 CASE-8 USER-3
outgoing answered   created       anonymous -   | impossible: nobody can dial an anonymous number
outgoing answered   created       anonymous red | impossible: nobody can dial an anonymous number

outgoing answered   fixed-open    known     -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | kept | open green, open green | CASE-2 CASE-5
outgoing answered   fixed-open    known     red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when answered | kept | open green, open green | CASE-2 CASE-5 CASE-8
outgoing answered   fixed-open    unknown   -   | 409 other-user, then new, Outgoing call to [phone], closed green anna 1 "" | | created | | USER-4 CASE-4
outgoing answered   fixed-open    unknown   red | 409 other-user, then new, Outgoing call to [phone], closed green anna 1 "" | closed red at the end | kept | | USER-4 CASE-4 CASE-8
outgoing answered   fixed-open    several   -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | none | open green, open green | CASE-2 CASE-5 USER-3
outgoing answered   fixed-open    several   red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when answered | none | open green, open green | CASE-2 CASE-5 CASE-8 USER-3
outgoing answered   fixed-open    anonymous -   | impossible: nobody can dial an anonymous number
outgoing answered   fixed-open    anonymous red | impossible: nobody can dial an anonymous number

outgoing answered   fixed-pending known     -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | kept | pending green, pending green | CASE-2 CASE-5
outgoing answered   fixed-pending known     red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when answered | kept | pending green, pending green | CASE-2 CASE-5 CASE-8
outgoing answered   fixed-pending unknown   -   | 409 other-user, then new, Outgoing call to [phone], closed green anna 1 "" | | created | | USER-4 CASE-4
outgoing answered   fixed-pending unknown   red | 409 other-user, then new, Outgoing call to [phone], closed green anna 1 "" | closed red at the end | kept | | USER-4 CASE-4 CASE-8
outgoing answered   fixed-pending several   -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | none | pending green, pending green | CASE-2 CASE-5 USER-3
outgoing answered   fixed-pending several   red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when answered | none | pending green, pending green | CASE-2 CASE-5 CASE-8 USER-3
outgoing answered   fixed-pending anonymous -   | impossible: nobody can dial an anonymous number
outgoing answered   fixed-pending anonymous red | impossible: nobody can dial an anonymous number

outgoing answered   fixed-closed  known     -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | kept | closed green, open green | CASE-2 CASE-5 CASE-12
outgoing answered   fixed-closed  known     red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when answered | kept | closed green, open green | CASE-2 CASE-5 CASE-8 CASE-12
outgoing answered   fixed-closed  unknown   -   | 409 other-user, then new, Outgoing call to [phone], closed green anna 1 "" | | created | | USER-4 CASE-4
outgoing answered   fixed-closed  unknown   red | 409 other-user, then new, Outgoing call to [phone], closed green anna 1 "" | closed red at the end | kept | | USER-4 CASE-4 CASE-8
outgoing answered   fixed-closed  several   -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | none | closed green, open green | CASE-2 CASE-5 CASE-12 USER-3
outgoing answered   fixed-closed  several   red | earlier, Earlier case, pending green boris 2 "Fixed essence" | closed red when answered | none | closed green, open green | CASE-2 CASE-5 CASE-8 CASE-12 USER-3
outgoing answered   fixed-closed  anonymous -   | impossible: nobody can dial an anonymous number
outgoing answered   fixed-closed  anonymous red | impossible: nobody can dial an anonymous number

outgoing answered   fixed-missed  known     -   | impossible: there is no missed-call case to choose
outgoing answered   fixed-missed  known     red | missed, Missed call from [phone], pending green anna 2 "Fixed essence" | the call's own | kept | open red, open green | CASE-2 CASE-5 CASE-7 CASE-9
outgoing answered   fixed-missed  unknown   -   | impossible: there is no missed-call case to choose
outgoing answered   fixed-missed  unknown   red | missed, Missed call from [phone], pending green anna 2 "Fixed essence" | the call's own | kept | open red, open green | CASE-2 CASE-5 CASE-7 CASE-9
outgoing answered   fixed-missed  several   -   | impossible: there is no missed-call case to choose
outgoing answered   fixed-missed  several   red | missed, Missed call from [phone], pending green anna 2 "Fixed essence" | the call's own | none | open red, open green | CASE-2 CASE-5 CASE-7 CASE-9 USER-3
outgoing answered   fixed-missed  anonymous -   | impossible: nobody can dial an anonymous number
outgoing answered   fixed-missed  anonymous red | impossible: nobody can dial an anonymous number

outgoing unanswered nothing       known     -   | new, Outgoing call to [phone], closed green anna 1 "" | | kept | | CASE-4 CASE-11
outgoing unanswered nothing       known     red | missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-10
outgoing unanswered nothing       unknown   -   | new, Outgoing call to [phone], closed green anna 1 "" | | created | | CASE-4 CASE-11 USER-3
outgoing unanswered nothing       unknown   red | missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | CASE-10
outgoing unanswered nothing       several   -   | new, Outgoing call to [phone], closed green anna 1 "" | | none | | CASE-4 CASE-11 USER-3
outgoing unanswered nothing       several   red | missed, Missed call from [phone], open red nobody 2 "" | the call's own | none | | CASE-10 USER-3
outgoing unanswered nothing       anonymous -   | impossible: nobody can dial an anonymous number
outgoing unanswered nothing       anonymous red | impossible: nobody can dial an anonymous number

outgoing unanswered draft         known     -   | new, Draft subject, open green anna 1 "Draft essence" | | kept | | CASE-3 CASE-4
outgoing unanswered draft         known     red | missed, Missed call from [phone], open red nobody 2 "Draft subject / Draft essence" | the call's own | kept | | CASE-3 CASE-10
outgoing unanswered draft         unknown   -   | new, Draft subject, open green anna 1 "Draft essence" | | created | | CASE-3 CASE-4 USER-3
outgoing unanswered draft         unknown   red | missed, Missed call from [phone], open red nobody 2 "Draft subject / Draft essence" | the call's own | kept | | CASE-3 CASE-10
outgoing unanswered draft         several   -   | new, Draft subject, open green anna 1 "Draft essence" | | none | | CASE-3 CASE-4 USER-3
outgoing unanswered draft         several   red | missed, Missed call from [phone], open red nobody 2 "Draft subject / Draft essence" | the call's own | none | | CASE-3 CASE-10 USER-3
outgoing unanswered draft         anonymous -   | impossible: nobody can dial an anonymous number
outgoing unanswered draft         anonymous red | impossible: nobody can dial an anonymous number

outgoing unanswered created       known     -   | new, Created subject, open green anna 1 "Created essence" | | kept | open green | CASE-1 CASE-5
outgoing unanswered created       known     red | new, Created subject, open green anna 1 "Created essence" | open red | kept | open green | CASE-1 CASE-5 CASE-8
outgoing unanswered created       unknown   -   | new, Created subject, open green anna 1 "Created essence" | | created | open green | CASE-1 CASE-5 USER-3
outgoing unanswered created       unknown   red | new, Created subject, open green anna 1 "Created essence" | open red | kept | open green | CASE-1 CASE-5 CASE-8
outgoing unanswered created       several   -   | new, Created subject, open green anna 1 "Created essence" | | none | open green | CASE-1 CASE-5 USER-3
outgoing unanswered created       several   red | new, Created subject, open green anna 1 "Created essence" | open red | none | open green | CASE-1 CASE-5 CASE-8 USER-3
outgoing unanswered created       anonymous -   | impossible: nobody can dial an anonymous number
outgoing unanswered created       anonymous red | impossible: nobody can dial an anonymous number

outgoing unanswered fixed-open    known     -   | earlier, Earlier case, open green boris 2 "Fixed essence" | | kept | open green | CASE-2 CASE-5
outgoing unanswered fixed-open    known     red | earlier, Earlier case, open green boris 2 "Fixed essence" | open red | kept | open green | CASE-2 CASE-5 CASE-8
outgoing unanswered fixed-open    unknown   -   | 409 other-user, then new, Outgoing call to [phone], closed green anna 1 "" | | created | | USER-4 CASE-4
outgoing unanswered fixed-open    unknown   red | 409 other-user, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | USER-4 CASE-10
outgoing unanswered fixed-open    several   -   | earlier, Earlier case, open green boris 2 "Fixed essence" | | none | open green | CASE-2 CASE-5 USER-3
outgoing unanswered fixed-open    several   red | earlier, Earlier case, open green boris 2 "Fixed essence" | open red | none | open green | CASE-2 CASE-5 CASE-8 USER-3
outgoing unanswered fixed-open    anonymous -   | impossible: nobody can dial an anonymous number
outgoing unanswered fixed-open    anonymous red | impossible: nobody can dial an anonymous number

outgoing unanswered fixed-pending known     -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | kept | pending green | CASE-2 CASE-5
outgoing unanswered fixed-pending known     red | earlier, Earlier case, pending green boris 2 "Fixed essence" | open red | kept | pending green | CASE-2 CASE-5 CASE-8
outgoing unanswered fixed-pending unknown   -   | 409 other-user, then new, Outgoing call to [phone], closed green anna 1 "" | | created | | USER-4 CASE-4
outgoing unanswered fixed-pending unknown   red | 409 other-user, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | USER-4 CASE-10
outgoing unanswered fixed-pending several   -   | earlier, Earlier case, pending green boris 2 "Fixed essence" | | none | pending green | CASE-2 CASE-5 USER-3
outgoing unanswered fixed-pending several   red | earlier, Earlier case, pending green boris 2 "Fixed essence" | open red | none | pending green | CASE-2 CASE-5 CASE-8 USER-3
outgoing unanswered fixed-pending anonymous -   | impossible: nobody can dial an anonymous number
outgoing unanswered fixed-pending anonymous red | impossible: nobody can dial an anonymous number

outgoing unanswered fixed-closed  known     -   | earlier, Earlier case, closed green boris 2 "Fixed essence" | | kept | closed green | CASE-2 CASE-5 CASE-12
outgoing unanswered fixed-closed  known     red | earlier, Earlier case, closed green boris 2 "Fixed essence" | open red | kept | closed green | CASE-2 CASE-5 CASE-8 CASE-12
outgoing unanswered fixed-closed  unknown   -   | 409 other-user, then new, Outgoing call to [phone], closed green anna 1 "" | | created | | USER-4 CASE-4
outgoing unanswered fixed-closed  unknown   red | 409 other-user, then missed, Missed call from [phone], open red nobody 2 "" | the call's own | kept | | USER-4 CASE-10
outgoing unanswered fixed-closed  several   -   | earlier, Earlier case, closed green boris 2 "Fixed essence" | | none | closed green | CASE-2 CASE-5 CASE-12 USER-3
outgoing unanswered fixed-closed  several   red | earlier, Earlier case, closed green boris 2 "Fixed essence" | open red | none | closed green | CASE-2 CASE-5 CASE-8 CASE-12 USER-3
outgoing unanswered fixed-closed  anonymous -   | impossible: nobody can dial an anonymous number
outgoing unanswered fixed-closed  anonymous red | impossible: nobody can dial an anonymous number

outgoing unanswered fixed-missed  known     -   | impossible: there is no missed-call case to choose
outgoing unanswered fixed-missed  known     red | missed, Missed call from [phone], open red anna 2 "Fixed essence" | the call's own | kept | open red | CASE-2 CASE-5 CASE-10
outgoing unanswered fixed-missed  unknown   -   | impossible: there is no missed-call case to choose
outgoing unanswered fixed-missed  unknown   red | missed, Missed call from [phone], open red anna 2 "Fixed essence" | the call's own | kept | open red | CASE-2 CASE-5 CASE-10
outgoing unanswered fixed-missed  several   -   | impossible: there is no missed-call case to choose
outgoing unanswered fixed-missed  several   red | missed, Missed call from [phone], open red anna 2 "Fixed essence" | the call's own | none | open red | CASE-2 CASE-5 CASE-10 USER-3
outgoing unanswered fixed-missed  anonymous -   | impossible: nobody can dial an anonymous number
outgoing unanswered fixed-missed  anonymous red | impossible: nobody can dial an anonymous number
`
