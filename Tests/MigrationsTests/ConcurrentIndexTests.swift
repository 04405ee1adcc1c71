// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Migrations
import Testing

@Suite struct ConcurrentIndexTests {
    @Test(arguments: [
        "create index concurrently a_id_idx on a (id);",
        "CREATE UNIQUE INDEX CONCURRENTLY a_id_idx ON a (id)",
        "-- Why.\n\n  -- And how.\ncreate index\n    concurrently if not exists a_id_idx\n    on only a (id);\n",
        "create index concurrently a_id_idx -- of a\n on a (id);",
        "/* why /* and how */ */create/**/index concurrently a_id_idx/* on b */on a (id) where note <> '--';",
    ])
    func init_findsTheName(sql: String) {
        #expect(ConcurrentIndex(createdBy: sql)?.name == "a_id_idx")
    }

    @Test func init_keepsSchemaAndQuotes() {
        let index = ConcurrentIndex(createdBy: "create index concurrently identity.\"A_idx\" on a (id);")
        #expect(index?.name == "identity.\"A_idx\"")
        let spaced = ConcurrentIndex(createdBy: "create index concurrently \"on a -- \"\"day\"\"\" on a (id);")
        #expect(spaced?.name == "\"on a -- \"\"day\"\"\"")
    }

    @Test(arguments: [
        "create index a_id_idx on a (id);", "create index concurrently on a (id);",
        "drop index concurrently a_id_idx;", "vacuum a;", "create index concurrently", "",
        "create index concurrently a_id_idx", "/* create index concurrently a_id_idx on a (id);",
        "select 1; create index concurrently a_id_idx on a (id);",
    ])
    func init_whenNoNamedIndexIsBuilt_isNone(sql: String) {
        #expect(ConcurrentIndex(createdBy: sql) == nil)
    }
}
