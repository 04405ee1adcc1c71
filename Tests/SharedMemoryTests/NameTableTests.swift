// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import SharedMemory
import Testing

struct NameTableTests {
    private let memory: SharedMemory
    private var names: NameTable { memory.names(.operations) }

    init() throws {
        memory = try SharedMemory.create(slots: 1, rateLimitBytes: 0)
    }

    @Test
    func place_isTheSameForAName_andAnotherForAnother() throws {
        let first = try #require(names.place(of: "GET /a"))
        #expect(names.place(of: "GET /b") != first)
        #expect(names.place(of: "GET /a") == first)
        #expect(names.name(at: first) == "GET /a")
        #expect(names.all.map(\.name) == ["GET /a", "GET /b"])
    }

    @Test
    func place_whenManyAskAtOnce_isOneForEachName() async {
        let wanted = (0..<100).map { "name \($0)" }
        let places = await withTaskGroup(of: [Int?].self) { group in
            for _ in 0..<8 { group.addTask { [names] in wanted.shuffled().sorted().map(names.place) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(places).count == 1)
        #expect(names.all.map(\.name).sorted() == wanted.sorted())
    }

    @Test
    func place_whenWhoeverClaimedItDied_isCompletedByTheNext() throws {
        let place = try #require(names.place(of: "GET /a"))
        // As if the first had ended between claiming the row and writing the name into it.
        let segment = try MemorySegment(descriptor: dup(memory.descriptor))
        let name = Array("GET /a".utf8)
        let start = try #require(segment.bytes.indices.first { segment.bytes[$0...].starts(with: name) })
        // The length stands in front of the name.
        for index in start - 8..<start + name.count { segment.bytes[index] = 0 }
        #expect(names.name(at: place) == nil && names.all.isEmpty)
        #expect(names.place(of: "GET /a") == place)
        #expect(names.name(at: place) == "GET /a")
    }

    @Test
    func place_whenTheTableIsFullOrTheNameTooLong_isNil() {
        for index in 0..<NameTable.Kind.operations.capacity { #expect(names.place(of: "\(index)") == index) }
        #expect(names.place(of: "one more") == nil)
        #expect(names.place(of: String(repeating: "x", count: NameTable.maximumLength + 1)) == nil)
    }
}
