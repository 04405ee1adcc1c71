// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database
import Testing

@Suite struct StatementTests {
    @Test func equality_isThatOfTextAndEffect() {
        #expect(Statement.read("select 1") == Statement.read("select \(1)"))
        #expect(Statement.read("select 1").hashValue == Statement.read("select \(1)").hashValue)
        #expect(Statement.read("select 1") != Statement.read("select 2"))
        #expect(Statement.read("select 1") != Statement.write("select 1"))
    }

    @Test func cache_namesEachStatementOnce_andNeverReusesAName() {
        var cache = StatementCache()
        let (first, second) = (Statement.read("select 1"), Statement.read("select 2"))
        let name = cache.name(for: first)
        #expect(name.isNew)
        #expect(cache.name(for: first) == (name.name, false))
        #expect(cache.name(for: second).name != name.name)
        cache.forget(first)
        let again = cache.name(for: first)
        #expect(again.isNew)
        #expect(again.name != name.name)
    }
}
