#include "program/plan.h"

/* One item as a draft. at[i] is the position of item i in the transaction. */
static bool item_write(struct transaction *tx, const struct plan *plan, size_t index,
                       const struct acting *acting, const size_t *at, struct error *err)
{
    struct arena *arena = transaction_arena(tx);
    const struct plan_item *item = &plan->items[index];
    struct actor program = actor_program();
    struct digest *leaves = arena_array(arena, item->pins_count + 1, sizeof *leaves, err);
    size_t *batch = arena_array(arena, item->pins_count + 1, sizeof *batch, err);
    struct resource_draft draft = {
        .name = item->name,
        .kind = item->kind->name,
        .entry_type = item->kind->entry_type,
        .is_private = item->kind->is_private,
        .version = item->version,
        .document = item->document,
        .inputs = leaves,
        .inputs_of_batch = batch,
    };
    if (!leaves || !batch)
        return false;
    for (size_t i = 0; i < item->pins_count; i++) {
        if (item->pins[i].is_in_batch)
            batch[draft.inputs_of_batch_count++] = at[item->pins[i].item];
        else
            leaves[draft.inputs_count++] = item->pins[i].leaf;
    }
    return transaction_resource(tx, item->is_from_catalogue ? &program : &acting->actor, &draft,
                                err);
}

static bool items_write(struct transaction *tx, const struct plan *plan,
                        const struct acting *acting, struct plan_applied *applied,
                        struct error *err)
{
    const struct ledger_appended *appended;
    size_t count;
    size_t *at = arena_array(transaction_arena(tx), plan->count + 1, sizeof *at, err);
    for (size_t i = 0; at && i < plan->count; i++) {
        at[i] = transaction_count(tx);
        if (plan->items[i].action != PLAN_UNCHANGED && !item_write(tx, plan, i, acting, at, err))
            return false;
    }
    if (!at)
        return false;
    if (transaction_count(tx) == 0)
        return true;
    if (!transaction_commit(tx, &appended, &count, err))
        return false;
    *applied = (struct plan_applied){ .written = count,
                                      .first_n = appended[0].n,
                                      .last_n = appended[count - 1].n };
    return true;
}

bool plan_apply(struct store *store, const struct plan *plan, const struct acting *acting,
                struct plan_applied *applied, struct error *err)
{
    *applied = (struct plan_applied){ 0 };
    if (plan->size != store_size(store)) {
        error_set(err, ERROR_ORDER, NULL, "the store has changed since the plan was made");
        return error_hint(err, "apply again, to see the new plan");
    }
    struct transaction *tx = transaction_begin(store, err);
    bool ok = tx && items_write(tx, plan, acting, applied, err);
    transaction_free(tx);
    return ok;
}
