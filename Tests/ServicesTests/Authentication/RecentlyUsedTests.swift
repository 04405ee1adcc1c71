// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Services
import Testing

@Suite struct RecentlyUsedTests {
    @Test func value_ofWhatWasInserted_isFound() {
        var values = RecentlyUsed<String, Int>(capacity: 4)
        values.insert(1, for: "a")
        #expect(values.value(for: "a") == 1)
        #expect(values.value(for: "b") == nil)
        values.insert(2, for: "a")
        #expect(values.value(for: "a") == 2)
        #expect(values.count == 1)
    }

    @Test func insert_neverKeepsMoreThanTheCapacity() {
        var values = RecentlyUsed<Int, Int>(capacity: 10)
        for number in 0..<1000 {
            values.insert(number, for: number)
            #expect(values.count <= 10)
            _ = values.value(for: number / 2)
            #expect(values.count <= 10)
            #expect(values.value(for: number) == number)
        }
        #expect(values.value(for: 0) == nil)
    }

    @Test func value_thatIsUsedAllTheTime_stays() {
        var values = RecentlyUsed<Int, String>(capacity: 10)
        values.insert("used", for: -1)
        for number in 0..<1000 {
            values.insert("new", for: number)
            #expect(values.value(for: -1) == "used")
        }
    }

    @Test func insert_ofAnOldKey_replacesItsValue() {
        var values = RecentlyUsed<Int, String>(capacity: 4)
        values.insert("first", for: 0)
        values.insert("other", for: 1)
        values.insert("other", for: 2)
        values.insert("second", for: 0)
        #expect(values.value(for: 0) == "second")
        #expect(values.count == 3)
    }
}
