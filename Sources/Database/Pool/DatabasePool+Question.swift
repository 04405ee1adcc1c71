// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

extension DatabasePool {
    /// Runs a statement that reads, right behind `question` on the same connection and without waiting for its answer.
    ///
    /// Neither of them is repeated when the connection breaks.
    ///
    /// - Returns: What the server answered to the question, and to the statement.
    /// - Throws: ``DatabaseError``, also when only the question fails.
    package func execute(
        _ statement: Statement,
        _ parameters: [Parameter],
        behind question: Statement,
        _ questionParameters: [Parameter]
    ) async throws(DatabaseError) -> (question: ResultSet, statement: ResultSet) {
        let question = Question(question, try EncodedParameters(questionParameters))
        let result = try await send(statement, parameters, route: .shared, question: question)
        guard let answer = question.answer else {
            throw DatabaseError(.unavailable, detail: "the server answered the second of two statements alone")
        }
        return (answer, result)
    }
}
