// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import SharedMemory
import Testing

struct SharedMemoryTests {
    private func mapped(_ memory: SharedMemory) throws -> SharedMemory {
        try SharedMemory(descriptor: dup(memory.descriptor))
    }

    @Test
    func init_ofInheritedMemory_findsTheSame() throws {
        let memory = try SharedMemory.create(slots: 3, rateLimitBytes: 5000)
        let other = try mapped(memory)
        memory.slot(2).pid = 42
        memory.isStopping = true
        memory.rateLimits[4999] = 7
        #expect(other.slots == 3)
        #expect(other.slot(2).pid == 42 && other.slot(1).pid == 0)
        #expect(other.isStopping)
        #expect(other.rateLimits.count == 5000 && other.rateLimits[4999] == 7)
        #expect(other.seed == memory.seed && memory.seed != (0, 0))
    }

    @Test
    func init_whenMemoryIsForeign_throws() throws {
        let segment = try MemorySegment.create(size: 4096)
        #expect(throws: SharedMemoryError.foreign) { try SharedMemory(descriptor: dup(segment.descriptor)) }
        #expect(throws: SharedMemoryError.self) { try SharedMemory(descriptor: -1) }
    }

    @Test
    func init_whenSizeIsNotWhatTheHeaderSays_throws() throws {
        let memory = try SharedMemory.create(slots: 1, rateLimitBytes: 0)
        #expect(ftruncate(memory.descriptor, 4096) == 0)
        #expect(throws: SharedMemoryError.foreign) { try mapped(memory) }
    }

    @Test
    func init_whenLayoutIsOfAnotherRelease_saysWhich() throws {
        let memory = try SharedMemory.create(slots: 1, rateLimitBytes: 0)
        let version: [UInt64] = [99]
        #expect(pwrite(memory.descriptor, version, 8, 8) == 8)
        #expect(throws: SharedMemoryError.otherLayout(version: 99)) { try mapped(memory) }
    }

    @Test
    func slots_doNotOverlap() throws {
        let memory = try SharedMemory.create(slots: 2, rateLimitBytes: 4096)
        let last = NameTable.Kind.histograms.capacity - 1
        memory.slot(0).histogram(at: last).record(nanoseconds: 1)
        memory.slot(1).histogram(at: last).record(nanoseconds: 1)
        memory.supervisor.pid = 7
        #expect(memory.slot(1).pid == 0 && memory.slot(0).histogram(at: last).sum == 1)
        #expect(memory.rateLimits.allSatisfy { $0 == 0 })
        #expect(memory.slot(0).runningRequests.oldest() == nil)
    }
}
