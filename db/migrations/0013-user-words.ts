import { type Kysely, sql } from 'kysely'

/**
 * The words of all users, each once: what is looked for with a typing mistake is compared with these, and not with a
 * million users (PERF-5). Kept by triggers, so that nobody who writes users can forget it; a word that no user has any
 * more goes with the last one (SAFE-9).
 */
export async function up(db: Kysely<any>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}

/** In one order, so that two who add the same words do not wait for each other. */
function adding(words: string): string {
  return `insert into user_words
    select distinct word collate "C" from (${words}) as found (word) order by 1
    on conflict do nothing;`
}

/**
 * First a look at some users, who have what is common: the index would list all that have it. What they do not have
 * is rare.
 */
function removing(words: string): string {
  return `for found_word in
      select distinct word collate "C" from (${words}) as found (word) order by 1
    loop
      if not exists (
        select from (select search from users order by id desc limit 200) as newest
        where search like '%' || found_word || '%'
      ) and not exists (select from users where search like '%' || found_word || '%') then
        delete from user_words where word = found_word;
      end if;
    end loop;`
}

const STATEMENTS = [
  'create table user_words (word text collate "C" primary key)',

  // Numbers are as many as users, and are found in other ways.
  `create function words_of_user(search text) returns setof text language sql immutable as $$
    select distinct word
    from regexp_split_to_table(search, '[[:space:][:digit:][:punct:]]+') as word
    where length(word) between 3 and 40
  $$`,

  `create function add_user_words() returns trigger language plpgsql as $$
    begin
      ${adding('select words_of_user(search) from added')}
      return null;
    end
  $$`,
  `create function change_user_words() returns trigger language plpgsql set enable_seqscan = off as $$
    declare found_word text;
    begin
      ${adding('select words_of_user(search) from added')}
      ${removing(`select words_of_user(search) from removed
        except select words_of_user(search) from added`)}
      return null;
    end
  $$`,
  `create function remove_user_words() returns trigger language plpgsql set enable_seqscan = off as $$
    declare found_word text;
    begin
      ${removing('select words_of_user(search) from removed')}
      return null;
    end
  $$`,
  `create trigger users_words_added after insert on users
    referencing new table as added for each statement execute function add_user_words()`,
  `create trigger users_words_changed after update on users
    referencing old table as removed new table as added
    for each statement execute function change_user_words()`,
  `create trigger users_words_removed after delete on users
    referencing old table as removed for each statement execute function remove_user_words()`,

  `insert into user_words
    select distinct word collate "C" from users, words_of_user(search) as word order by 1`,
  'create index user_words_near on user_words using gin (word gin_trgm_ops)',
]
