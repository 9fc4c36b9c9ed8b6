/** The index of a feed's order holds the ids too, so that a digest reads no record. */

export const digests = `
alter table record drop constraint record_collection_position_key;
alter table record add constraint record_position unique (collection, position) include (id);
`;
