// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

extension StatementExecutor {
    /// Runs `statement`; what fails becomes a ``DomainError``.
    ///
    /// `meanings` says what the violation of a constraint means here, where it means something else elsewhere.
    func run(
        _ statement: Statement,
        _ parameters: [Parameter],
        meanings: [String: DomainError] = [:]
    ) async throws(DomainError) -> ResultSet {
        do {
            return try await execute(statement, parameters)
        } catch {
            throw DomainError(error, meanings: meanings)
        }
    }

    /// Runs `statement`, which removes a part of something, until it finds nothing or the task is cancelled.
    ///
    /// Not until it finds few: others may have taken the rest of a part.
    func runUntilNothingIsLeft(_ statement: Statement, _ parameters: [Parameter]) async throws(DomainError) {
        while try await run(statement, parameters).affectedRows > 0, !Task.isCancelled {}
    }

    /// Runs `statement` and decodes every row of its answer.
    ///
    /// Inlined, so that the rows of a page are decoded by code for their type.
    @inline(__always)
    func all<Value>(
        _ statement: Statement,
        _ parameters: [Parameter],
        decode: (Row) throws(DatabaseError) -> Value
    ) async throws(DomainError) -> [Value] {
        do {
            let answer = try await execute(statement, parameters)
            return try (0..<answer.count).map { index throws(DatabaseError) in try decode(answer[index]) }
        } catch {
            throw DomainError(error)
        }
    }

    /// Runs `statement` and decodes the first row of its answer; nil when there is none.
    func first<Value>(
        _ statement: Statement,
        _ parameters: [Parameter],
        decode: (Row) throws(DatabaseError) -> Value
    ) async throws(DomainError) -> Value? {
        do {
            guard let row = try await execute(statement, parameters).first else { return nil }
            return try decode(row)
        } catch {
            throw DomainError(error)
        }
    }
}
