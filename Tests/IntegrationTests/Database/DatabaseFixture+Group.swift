// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database
import Testing

extension DatabaseFixture {
    /// What a pool answers to statements that find its only connection busy, so that they go together when it is free.
    ///
    /// `onAnswer` is told of each that succeeds, as soon as it does.
    static func answers(
        toGroup statements: [Statement],
        configure: (inout DatabasePoolConfiguration) throws -> Void,
        witness: PoolWitness = PoolWitness(),
        onAnswer: @escaping @Sendable (Int) -> Void = { _ in },
        whileTheyRun body: () async throws -> Void = {}
    ) async throws -> [Result<ResultSet, DatabaseError>] {
        let pool = try pool {
            $0.connections = 1
            try configure(&$0)
        }
        try pool.start(observer: witness)
        try #require(await pool.waitUntilConnected(timeout: .seconds(10)))
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        async let holder: Void = pool.transaction { _ in for await _ in gate {} }
        try await eventually { witness.busy == 1 }
        let answers = try await withThrowingTaskGroup(of: (Int, Result<ResultSet, DatabaseError>).self) { group in
            for (index, statement) in statements.enumerated() {
                group.addTask {
                    do throws(DatabaseError) {
                        let rows = try await pool.execute(statement, [])
                        onAnswer(index)
                        return (index, .success(rows))
                    } catch {
                        return (index, .failure(error))
                    }
                }
                try await eventually { witness.waiting == index + 1 }
            }
            opener.finish()
            try await body()
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        try await holder
        await pool.shutdown()
        return statements.indices.compactMap { answers[$0] }
    }
}
