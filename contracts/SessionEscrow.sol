// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SessionSignatures} from "./SessionSignatures.sol";
import {Tokens} from "./Tokens.sol";

/// @title Prepaid sessions: the buyer pays in up front, signs for what is used, and gets the rest back.
/// @notice No owner, no upgrade, no fee. Nothing leaves but by a close (what was signed for to the seller, the rest to
/// the buyer) or by the withdrawal of what a close could not deliver.
///
/// Who may do what, and why neither side can lose:
/// - The buyer signs running totals. A signature is good for the units up to its total and no more, once.
/// - The seller may close at any time: he gets what was signed for and no more, so closing early costs the buyer nothing.
/// - The buyer may not close at once, for the seller may hold signatures that are not on the chain yet. He asks to close;
///   {CLOSING_PERIOD} later, or at expiry if that is sooner, anybody may close.
/// - Anybody may close an expired session, so the buyer's money is never held up by a seller who is gone. Signatures
///   count until the close, even after expiry: they are for units that were used before.
///
/// Tokens whose balances change by themselves, or that charge the sender on top of an amount, must not be used.
/// Sessions in such a token harm each other, never those in another token.
contract SessionEscrow is SessionSignatures {
    using Tokens for address;

    /// The time that a seller has to bring in what is signed when the buyer asks to close.
    uint256 public constant CLOSING_PERIOD = 1 hours;
    /// A mistyped duration must not lock up a deposit for ever.
    uint256 public constant MAX_DURATION = 365 days;

    mapping(bytes32 sessionId => Session) private _sessions;
    /// Sessions that {createSession} has opened: makes their ids unique.
    uint256 private _directSessions;
    bool private transient _entered;

    /// @notice What could not be delivered when a session was closed, for {withdraw}.
    mapping(address token => mapping(address account => uint256)) public owed;

    modifier nonReentrant() {
        if (_entered) revert Reentered();
        _entered = true;
        _;
        _entered = false;
    }

    /// @notice Opens a session with a deposit that the caller has approved.
    function createSession(
        address seller,
        address token,
        uint256 totalDeposit,
        uint256 pricePerUnit,
        uint256 duration
    ) external nonReentrant returns (bytes32 sessionId) {
        SessionTerms memory terms =
            SessionTerms(seller, token, totalDeposit, pricePerUnit, duration, bytes32(++_directSessions));
        sessionId = _reserve(terms, msg.sender, terms.salt);
        uint256 before = token.holding();
        token.pull(msg.sender, totalDeposit);
        _open(sessionId, terms, msg.sender, before);
    }

    /// @notice Opens a session with the buyer's EIP-3009 `ReceiveWithAuthorization`, for callers who pay gas for him.
    /// @dev Stands beside {createSession}, which takes the deposit from its caller and so cannot be called for a buyer.
    /// The token's signature covers only payer, payee, value and time. The terms are bound by its nonce, which must be
    /// {termsHash}: whoever sees the authorization can open this session with these terms and no other. It is a Receive
    /// authorization because a Transfer one can be taken to the token directly, which would leave the money here with no
    /// session to it.
    function createSessionWithAuthorization(SessionTerms calldata terms, Authorization calldata authorization)
        external
        nonReentrant
        returns (bytes32 sessionId)
    {
        bytes32 nonce = termsHash(terms);
        sessionId = _reserve(terms, authorization.from, nonce);
        uint256 before = terms.token.holding();
        terms.token.pullWithAuthorization(authorization, terms.totalDeposit, nonce);
        _open(sessionId, terms, authorization.from, before);
    }

    /// @notice Charges units that the buyer has signed as the next ones: `unitsUsedBefore` is the total on the chain.
    /// @dev The running total alone lets a signature work once and in order only; `nonce` names it in the log.
    /// Not enough for a seller who serves on signatures that he has not brought in yet, see {consumeUnitsFrom}.
    function consumeUnits(bytes32 sessionId, uint256 units, bytes calldata buyerSignature, bytes32 nonce)
        external
        nonReentrant
    {
        Session storage s = _running(sessionId);
        _consume(sessionId, s, units, s.unitsUsed, buyerSignature, nonce);
    }

    /// @notice Charges what is missing to the signed total, `unitsUsedBefore + units`.
    /// @dev Stands beside {consumeUnits}, with which a buyer can make a signature worthless: he signs 1000 units for the
    /// seller, and 1 unit with the same total before it, and brings in the second himself. Here the signed total
    /// counts: the greatest one wins, whatever was brought in before, and one that is not greater does nothing.
    function consumeUnitsFrom(
        bytes32 sessionId,
        uint256 units,
        uint256 unitsUsedBefore,
        bytes calldata buyerSignature,
        bytes32 nonce
    ) external nonReentrant {
        _consume(sessionId, _running(sessionId), units, unitsUsedBefore, buyerSignature, nonce);
    }

    /// @notice Closes a session: the seller at any time, anybody from `closableAt` on.
    function closeSession(bytes32 sessionId) external nonReentrant {
        Session storage s = _running(sessionId);
        if (msg.sender != s.seller && block.timestamp < s.closableAt) revert NotClosableYet(s.closableAt);
        _settle(sessionId, s);
    }

    /// @notice Closes a session with the seller's EIP-712 `CloseSession`, for callers who pay gas for him.
    /// @dev The amount must be what is consumed on the chain: an old signature cannot cut off what was used since.
    function closeSessionWithSignature(bytes32 sessionId, uint256 consumedAmount, bytes calldata sellerSignature)
        external
        nonReentrant
    {
        Session storage s = _running(sessionId);
        if (consumedAmount != s.unitsUsed * s.pricePerUnit) {
            revert WrongConsumedAmount(s.unitsUsed * s.pricePerUnit);
        }
        _checkClose(s.seller, sessionId, consumedAmount, sellerSignature);
        _settle(sessionId, s);
    }

    /// @notice Charges `consumedAmount` of what the buyer has signed, and closes: the seller names the amount.
    /// @dev Stands beside {closeSessionWithSignature} for buyers who sign ahead of use: a signed total can be charged only
    /// as a whole, so without this call the seller would have to take what was never used. The amount is a whole number of
    /// units, no less than is consumed here already and no more than the buyer's total, `unitsUsedBefore + units`. Only the
    /// seller can choose less than was signed, by his EIP-712 `CloseSession` or by calling himself, and only he loses by it.
    function closeSessionAt(
        bytes32 sessionId,
        uint256 consumedAmount,
        bytes calldata sellerSignature,
        uint256 units,
        uint256 unitsUsedBefore,
        bytes calldata buyerSignature,
        bytes32 nonce
    ) external nonReentrant {
        Session storage s = _running(sessionId);
        if (msg.sender != s.seller) _checkClose(s.seller, sessionId, consumedAmount, sellerSignature);
        _checkConsume(s.buyer, sessionId, units, unitsUsedBefore, nonce, buyerSignature);
        _chargeAt(sessionId, s, consumedAmount, units + unitsUsedBefore, nonce);
        _settle(sessionId, s);
    }

    /// @notice The buyer wants his rest back: anybody may close after {CLOSING_PERIOD}, or at expiry if that is sooner.
    function requestClose(bytes32 sessionId) external {
        Session storage s = _running(sessionId);
        if (msg.sender != s.buyer) revert NotBuyer();
        _request(sessionId, s);
    }

    /// @notice {requestClose} with the buyer's EIP-712 `RequestClose`, for callers who pay gas for him.
    function requestCloseWithSignature(bytes32 sessionId, bytes calldata buyerSignature) external {
        Session storage s = _running(sessionId);
        _checkRequest(s.buyer, sessionId, buyerSignature);
        _request(sessionId, s);
    }

    /// @notice Delivers what could not be delivered at a close. Anybody may call it; it pays the account it is owed to.
    function withdraw(address token, address account) external nonReentrant {
        uint256 amount = owed[token][account];
        if (amount == 0) revert NothingOwed();
        owed[token][account] = 0;
        token.push(account, amount);
        emit Withdrawn(token, account, amount);
    }

    function getSession(bytes32 sessionId)
        external
        view
        returns (address buyer, address seller, uint256 totalDeposit, uint256 consumedAmount, uint8 status)
    {
        Session storage s = _known(sessionId);
        return (s.buyer, s.seller, s.totalDeposit, s.unitsUsed * s.pricePerUnit, uint8(_status(s)));
    }

    /// @notice All that is stored of a session.
    function sessionDetails(bytes32 sessionId) external view returns (Session memory session, Status status) {
        Session storage s = _known(sessionId);
        return (s, _status(s));
    }

    /// @notice The id that a session of these terms and this buyer has or will have, see {createSessionWithAuthorization}.
    function sessionIdOf(SessionTerms calldata terms, address buyer) external view returns (bytes32) {
        return _idOf(buyer, terms.token, termsHash(terms));
    }

    function _reserve(SessionTerms memory t, address buyer, bytes32 nonce) private view returns (bytes32 sessionId) {
        bool sellable = t.seller != address(0) && t.seller != address(this);
        bool priced = t.pricePerUnit > 0 && t.pricePerUnit <= t.totalDeposit;
        if (!sellable || !priced || t.duration == 0 || t.duration > MAX_DURATION) revert BadTerms();
        sessionId = _idOf(buyer, t.token, nonce);
        if (_sessions[sessionId].buyer != address(0)) revert SessionExists(sessionId);
    }

    /// A token that takes a fee delivers less than it says: such a deposit could not be paid out again.
    function _open(bytes32 sessionId, SessionTerms memory t, address buyer, uint256 before) private {
        uint256 received = t.token.holding() - before;
        if (received != t.totalDeposit) revert WrongAmountReceived(t.totalDeposit, received);
        Session storage s = _sessions[sessionId];
        uint64 expiresAt = uint64(block.timestamp + t.duration);
        (s.buyer, s.seller, s.token) = (buyer, t.seller, t.token);
        (s.expiresAt, s.closableAt) = (expiresAt, expiresAt);
        (s.totalDeposit, s.pricePerUnit) = (t.totalDeposit, t.pricePerUnit);
        emit SessionCreated(sessionId, buyer, t.seller, t.token, t.totalDeposit, t.pricePerUnit, expiresAt);
    }

    function _consume(
        bytes32 sessionId,
        Session storage s,
        uint256 units,
        uint256 unitsUsedBefore,
        bytes calldata signature,
        bytes32 nonce
    ) private {
        (uint256 used, uint256 total) = (s.unitsUsed, unitsUsedBefore + units);
        if (total <= used) revert AlreadyConsumed(used);
        if (total > s.totalDeposit / s.pricePerUnit) revert ExceedsDeposit(s.totalDeposit / s.pricePerUnit);
        _checkConsume(s.buyer, sessionId, units, unitsUsedBefore, nonce, signature);
        s.unitsUsed = total;
        emit UnitsConsumed(sessionId, nonce, total - used, total, total * s.pricePerUnit);
    }

    /// Units up to an amount that is within what was signed; the same amount again charges nothing.
    function _chargeAt(bytes32 sessionId, Session storage s, uint256 amount, uint256 signed, bytes32 nonce) private {
        (uint256 price, uint256 used) = (s.pricePerUnit, s.unitsUsed);
        uint256 total = amount / price;
        if (total < used || total * price != amount) revert WrongConsumedAmount(used * price);
        if (total > signed) revert ExceedsSigned(signed);
        if (amount > s.totalDeposit) revert ExceedsDeposit(s.totalDeposit / price);
        if (total == used) return;
        s.unitsUsed = total;
        emit UnitsConsumed(sessionId, nonce, total - used, total, amount);
    }

    function _request(bytes32 sessionId, Session storage s) private {
        uint256 closableAt = block.timestamp + CLOSING_PERIOD;
        if (s.closeRequested || closableAt >= s.closableAt) return;
        (s.closeRequested, s.closableAt) = (true, uint64(closableAt));
        emit CloseRequested(sessionId, closableAt);
    }

    function _settle(bytes32 sessionId, Session storage s) private {
        s.closed = true;
        uint256 sellerAmount = s.unitsUsed * s.pricePerUnit;
        uint256 buyerRefund = s.totalDeposit - sellerAmount;
        emit SessionClosed(sessionId, sellerAmount, buyerRefund);
        _deliver(s.token, s.seller, sellerAmount);
        _deliver(s.token, s.buyer, buyerRefund);
    }

    /// A side that the token refuses to pay (a block list, say) must not hold up the other.
    function _deliver(address token, address account, uint256 amount) private {
        if (amount == 0 || token.tryPush(account, amount)) return;
        owed[token][account] += amount;
        emit PaymentDeferred(token, account, amount);
    }

    function _known(bytes32 sessionId) private view returns (Session storage s) {
        s = _sessions[sessionId];
        if (s.buyer == address(0)) revert UnknownSession(sessionId);
    }

    function _running(bytes32 sessionId) private view returns (Session storage s) {
        s = _known(sessionId);
        if (s.closed) revert AlreadyClosed(sessionId);
    }

    function _status(Session storage s) private view returns (Status) {
        if (s.closed) return Status.Completed;
        if (block.timestamp >= s.expiresAt) return Status.Expired;
        return s.closeRequested ? Status.Disputed : Status.Active;
    }

    function _idOf(address buyer, address token, bytes32 nonce) private view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), buyer, token, nonce));
    }
}
