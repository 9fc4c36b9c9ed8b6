/** Each commit that moves a feed tells so, whichever program wrote it. */

export const feedMoved = `
create function feed_moved() returns trigger language plpgsql as $$
begin
  perform pg_notify('feed_moved', new.collection || ' ' || new.last);
  return null;
end $$;

create trigger feed_moved after update of last, epoch on feed for each row
  when (old.last <> new.last or old.epoch <> new.epoch) execute function feed_moved();
`;
